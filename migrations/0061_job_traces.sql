-- Where in which trace a job was made (W3C Trace Context, `traceparent`): its work goes on there.

ALTER TABLE jobs ADD COLUMN trace TEXT;
