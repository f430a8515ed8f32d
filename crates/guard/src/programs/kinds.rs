//! What programs are, whatever their options: shells, interpreters, senders, as `kinds.txt` lists them.

/// The lists.
const KINDS: &str = include_str!("kinds.txt");

/// A kind of program; one may be of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgramKind {
    /// It sends what it is given over the network.
    Sender,
    /// It deletes the files that it is given.
    Remover,
    /// It lists files.
    Lister,
    /// Its first operand is a pattern.
    PatternFirst,
    /// It sends each file that it is given.
    Uploader,
    /// It copies files to other machines.
    Copier,
    /// It asks a server by HTTP.
    Asker,
    /// It sends nothing of its input, unless a word says so.
    Deaf,
    /// It joins its input and output with another machine.
    Connector,
    /// What it prints came over the network.
    Downloader,
    /// For it `host:path` is a file of another machine.
    Machine,
    /// It shows what files hold.
    Shower,
    /// Its output tells nothing of what files hold.
    Discreet,
    /// Its output is all that it is.
    Printer,
    /// It reads source of a shell.
    Shell,
    /// It reads code of a language of its own.
    Interpreter,
    /// It is JavaScript.
    JavaScript,
    /// A comment of its begins with two slashes.
    Slashed,
    /// Its calls need no parentheses.
    BareCalls,
    /// Words of its own delete files.
    FileWords,
    /// Words of its own move files and change their modes.
    ModeWords,
    /// It quotes as Perl does.
    PerlQuotes,
    /// It quotes as Ruby does.
    RubyQuotes,
    /// Its `exec` runs text as code of its own language.
    ExecIsCode,
    /// `name=value` names an argument of a call.
    NamedArguments,
    /// A line behind `!` is a command for a shell.
    BangLines,
    /// A text with `.!` behind it is a command that is run.
    BangCalls,
    /// It runs text by `load`.
    Loading,
    /// Its name makes a text dangerous even if it cannot be read.
    Destructive,
    /// The same of Windows.
    DestructiveWindows,
    /// Behind a pipe it runs what that brings.
    PipedInto,
    /// It is awk.
    Awk,
    /// It deletes, overwrites or takes over what it is given.
    WindowsRemover,
    /// It takes what comes down the pipeline.
    WindowsPiped,
    /// It writes or empties the file that it is given.
    WindowsFiller,
    /// It writes the last of two places.
    WindowsCopier,
    /// It takes away the first of them.
    WindowsMover,
    /// It ends processes.
    WindowsKiller,
    /// It runs a command where other processes are.
    NamespaceEnterer,
    /// It changes nothing outside its shell.
    Inward,
    /// It only runs another one, which is judged by itself.
    Transparent,
    /// It runs any code that it is given.
    RunsCode,
    /// It changes disks of Windows.
    WindowsDisk,
    /// It ends a machine with Windows.
    WindowsPower,
    /// It is the older shell of Windows.
    WindowsCmd,
    /// It is PowerShell.
    WindowsPowerShell,
    /// It is a shell that a connection to Windows is given.
    WindowsShell,
    /// It runs a text, in PowerShell.
    WindowsEvaluate,
    /// It brings a text from the network, in PowerShell.
    WindowsDownload,
    /// It is a command of Windows, by its name in small letters.
    Windows,
    /// It removes packages, whatever its options.
    PackageRemover,
    /// It keeps its packages beside those that the machine starts with.
    BesideSystem,
}

impl ProgramKind {
    const ALL: [(&'static str, ProgramKind); 52] = [
        ("sender", ProgramKind::Sender),
        ("remover", ProgramKind::Remover),
        ("lister", ProgramKind::Lister),
        ("pattern-first", ProgramKind::PatternFirst),
        ("uploader", ProgramKind::Uploader),
        ("copier", ProgramKind::Copier),
        ("asker", ProgramKind::Asker),
        ("deaf", ProgramKind::Deaf),
        ("connector", ProgramKind::Connector),
        ("downloader", ProgramKind::Downloader),
        ("machine", ProgramKind::Machine),
        ("shower", ProgramKind::Shower),
        ("discreet", ProgramKind::Discreet),
        ("printer", ProgramKind::Printer),
        ("shell", ProgramKind::Shell),
        ("interpreter", ProgramKind::Interpreter),
        ("javascript", ProgramKind::JavaScript),
        ("slashed", ProgramKind::Slashed),
        ("bare-calls", ProgramKind::BareCalls),
        ("file-words", ProgramKind::FileWords),
        ("mode-words", ProgramKind::ModeWords),
        ("perl-quotes", ProgramKind::PerlQuotes),
        ("ruby-quotes", ProgramKind::RubyQuotes),
        ("exec-is-code", ProgramKind::ExecIsCode),
        ("named-arguments", ProgramKind::NamedArguments),
        ("bang-lines", ProgramKind::BangLines),
        ("bang-calls", ProgramKind::BangCalls),
        ("loading", ProgramKind::Loading),
        ("destructive", ProgramKind::Destructive),
        ("destructive-windows", ProgramKind::DestructiveWindows),
        ("piped-into", ProgramKind::PipedInto),
        ("awk", ProgramKind::Awk),
        ("windows-remover", ProgramKind::WindowsRemover),
        ("windows-piped", ProgramKind::WindowsPiped),
        ("windows-filler", ProgramKind::WindowsFiller),
        ("windows-copier", ProgramKind::WindowsCopier),
        ("windows-mover", ProgramKind::WindowsMover),
        ("windows-killer", ProgramKind::WindowsKiller),
        ("namespace-enterer", ProgramKind::NamespaceEnterer),
        ("inward", ProgramKind::Inward),
        ("transparent", ProgramKind::Transparent),
        ("runs-code", ProgramKind::RunsCode),
        ("windows-disk", ProgramKind::WindowsDisk),
        ("windows-power", ProgramKind::WindowsPower),
        ("windows-cmd", ProgramKind::WindowsCmd),
        ("windows-powershell", ProgramKind::WindowsPowerShell),
        ("windows-shell", ProgramKind::WindowsShell),
        ("windows-evaluate", ProgramKind::WindowsEvaluate),
        ("windows-download", ProgramKind::WindowsDownload),
        ("windows", ProgramKind::Windows),
        ("package-remover", ProgramKind::PackageRemover),
        ("beside-system", ProgramKind::BesideSystem),
    ];

    const fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// All kinds of one program: several questions for one look.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KindsOf(u64);

impl KindsOf {
    pub(crate) const fn has(self, kind: ProgramKind) -> bool {
        self.0 & kind.bit() != 0
    }

    pub(super) const fn with(self, kind: ProgramKind) -> KindsOf {
        KindsOf(self.0 | kind.bit())
    }
}

/// The lists, one program after the other.
pub(super) fn read() -> impl Iterator<Item = (&'static str, ProgramKind)> {
    let mut current = None;
    let lines = KINDS.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(move |line| {
        if let Some((_, kind)) = ProgramKind::ALL.iter().find(|(name, _)| *name == line) {
            current = Some(*kind);
        }
        let programs = line.strip_prefix("  ").unwrap_or_default();
        let names = programs.split(' ').filter(|name| !name.is_empty());
        names.filter_map(move |name| Some((name, current?)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_kind_or_programs_of_one() {
        for line in KINDS.lines().filter(|line| !line.is_empty()) {
            let is_kind = ProgramKind::ALL.iter().any(|(name, _)| *name == line);
            assert!(
                is_kind || line.starts_with("  ") || line.starts_with('#'),
                "{line}"
            );
        }
        for (name, kind) in ProgramKind::ALL {
            assert!(read().any(|(_, found)| found == kind), "{name}");
        }
    }
}
