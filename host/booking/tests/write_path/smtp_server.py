"""A mail server that takes mail as a provider's does (STARTTLS and AUTH, both required), or fails as it is told to.

smtp_server.py CERTIFICATE KEY: each line of standard input says how one message is answered (take, later, refuse, cut);
with none left, `take`. Each line of standard output is JSON: first the port, then what happened.
"""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = b"tickets", b"correct horse"


def tell(**what):
    print(json.dumps(what), flush=True)


class Provider:
    def __init__(self):
        self.script = []

    def answer(self):
        return self.script.pop(0) if self.script else "take"

    def authenticate(self, server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (USER, PASSWORD)
        tell(login=data.login.decode(), good=good)
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.answer = self.answer()
        if envelope.answer == "refuse":
            tell(refused=address)
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.answer == "later":
            tell(put_off=envelope.rcpt_tos)
            return "451 4.7.1 try again later"
        text = envelope.content.decode()
        tell(mail=text, sender=envelope.mail_from, to=envelope.rcpt_tos, encrypted=session.ssl is not None)
        if envelope.answer == "cut":
            # The message is here, and its sender never learns of it.
            server.transport.abort()
        return "250 OK"


async def main(certificate, key):
    provider = Provider()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()

    def session():
        return SMTP(
            provider,
            tls_context=tls,
            require_starttls=True,
            auth_required=True,
            authenticator=provider.authenticate,
            loop=loop,
        )

    server = await loop.create_server(session, "127.0.0.1", 0)
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    tell(port=server.sockets[0].getsockname()[1])
    # Ends with the test that started it.
    while line := await commands.readline():
        provider.script.append(line.decode().strip())
        tell(told=provider.script)


asyncio.run(main(*sys.argv[1:]))
