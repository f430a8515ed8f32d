//! How a figure is shown: one line at once, and one row of the table at the end.

/// Begins the table that can be pasted.
pub(crate) const TABLE_HEAD: &str = "\
| figure | engine | floor | compared | bar | goal | verdict |
|---|---|---|---|---|---|---|";

/// What a figure is held against.
pub(crate) struct Bar {
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) bar: f64,
    /// What is hoped for beyond the bar.
    pub(crate) goal: Option<f64>,
    pub(crate) wanted: Wanted,
}

/// Which side of the bar is the good one.
pub(crate) enum Wanted {
    AtMost,
    AtLeast,
}

impl Bar {
    pub(crate) fn at_most(value: f64, unit: &'static str, bar: f64) -> Bar {
        let wanted = Wanted::AtMost;
        Bar {
            value,
            unit,
            bar,
            goal: None,
            wanted,
        }
    }

    pub(crate) fn at_least(value: f64, unit: &'static str, bar: f64) -> Bar {
        let wanted = Wanted::AtLeast;
        Bar {
            value,
            unit,
            bar,
            goal: None,
            wanted,
        }
    }

    pub(crate) fn then(mut self, goal: f64) -> Bar {
        self.goal = Some(goal);
        self
    }

    fn reaches(&self, mark: f64) -> bool {
        match self.wanted {
            Wanted::AtMost => self.value <= mark,
            Wanted::AtLeast => self.value >= mark,
        }
    }

    fn verdict(&self) -> &'static str {
        match self.goal {
            Some(goal) if self.reaches(goal) => "goal reached",
            _ if self.reaches(self.bar) => "passed",
            _ => "MISSED",
        }
    }

    fn in_unit(&self, value: f64) -> String {
        format!("{value:.2}{}", self.unit)
    }
}

/// Shows a figure. A figure without a bar is shown for what it tells beside the others.
pub(crate) fn show(name: &str, engine: &str, floor: &str, bar: Option<Bar>) {
    let Some(bar) = bar else {
        println!("{name:<58} {engine}   floor {floor}");
        println!("| {name} | {engine} | {floor} | | | | |");
        return;
    };
    let (value, at) = (bar.in_unit(bar.value), bar.in_unit(bar.bar));
    let goal = bar.goal.map_or(String::new(), |goal| bar.in_unit(goal));
    let hoped = if goal.is_empty() {
        String::new()
    } else {
        format!(", goal {goal}")
    };
    let verdict = bar.verdict();
    println!("{name:<58} {engine}   floor {floor}   {value} (bar {at}{hoped}) {verdict}");
    println!("| {name} | {engine} | {floor} | {value} | {at} | {goal} | {verdict} |");
}

/// True for a line that belongs into the table.
pub(crate) fn is_row(line: &str) -> bool {
    line.starts_with("| ")
}
