//! The agency's terms, as data. Rule ids are kept for good: stored traces name rules by them.

/// A rule's number, name, and what it does in plain words.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    /// In answers.
    pub id: u32,
    /// Short.
    pub name: &'static str,
    /// In plain words.
    pub explanation: &'static str,
}

/// What the agency keeps for the work of cancelling.
#[derive(Debug, Clone, Copy)]
pub struct Fee {
    /// Down to so many minutes before departure, from where the fee ahead of it ended.
    pub until_minutes: i64,
    /// Euro cents for each passenger.
    pub cents: i64,
    /// The rule, where the supplier told what it keeps.
    pub penalty_told: Named,
    /// The rule, where the supplier gives money back and did not tell how much.
    pub penalty_not_told: Named,
}

/// The earliest first; the last goes to departure.
pub const FEES: &[Fee] = &[
    Fee {
        until_minutes: 7 * 24 * 60,
        cents: 1_000,
        penalty_told: Named {
            id: 701,
            name: "more than a week ahead",
            explanation: "More than 7 days before departure: what the supplier keeps, and 10 euro a passenger for the \
                          agency.",
        },
        penalty_not_told: Named {
            id: 711,
            name: "more than a week ahead, supplier's penalty not told",
            explanation: "More than 7 days before departure: the whole fare without taxes, since the supplier did not \
                          tell what it keeps, and 10 euro a passenger for the agency.",
        },
    },
    Fee {
        until_minutes: 24 * 60,
        cents: 2_000,
        penalty_told: Named {
            id: 702,
            name: "within a week",
            explanation: "From 7 days to 24 hours before departure: what the supplier keeps, and 20 euro a passenger for \
                          the agency.",
        },
        penalty_not_told: Named {
            id: 712,
            name: "within a week, supplier's penalty not told",
            explanation: "From 7 days to 24 hours before departure: the whole fare without taxes, since the supplier did \
                          not tell what it keeps, and 20 euro a passenger for the agency.",
        },
    },
    Fee {
        until_minutes: 0,
        cents: 3_500,
        penalty_told: Named {
            id: 703,
            name: "last day",
            explanation: "Within 24 hours of departure: what the supplier keeps, and 35 euro a passenger for the agency, \
                          for work that cannot wait.",
        },
        penalty_not_told: Named {
            id: 713,
            name: "last day, supplier's penalty not told",
            explanation: "Within 24 hours of departure: the whole fare without taxes, since the supplier did not tell \
                          what it keeps, and 35 euro a passenger for the agency.",
        },
    },
];

/// The supplier gives nothing back.
pub const NOT_REFUNDABLE: Named = Named {
    id: 721,
    name: "not refundable",
    explanation: "The supplier's conditions give no money back: all is kept, and the agency charges nothing of its own.",
};

/// The supplier did not say.
pub const NOT_TOLD: Named = Named {
    id: 722,
    name: "refund not told",
    explanation: "The supplier did not say whether money comes back, so none is promised. What it gives back when it is \
                  asked is found out by a cancellation quote.",
};
