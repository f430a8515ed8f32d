//! Every rule of the guard, one table a subject: what is judged, how severely, and what to do instead.
//!
//! A check finds what a command does; the row says what that means. Pure; any thread.

use crate::verdict::Level;

/// One row of what is judged.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// By this the rule is switched off or promoted, and verdicts name it.
    pub id: &'static str,
    /// Moderate rules flag, the others block.
    pub level: Level,
    /// The subject, such as `files` or `git`.
    pub category: &'static str,
    /// What a command under the rule does, as the end of a sentence that begins with "it".
    pub meaning: &'static str,
    /// What can be done instead.
    pub suggestion: &'static str,
}

macro_rules! tables {
    ($($table:ident $category:literal { $($name:ident $level:ident $id:literal $meaning:literal $suggestion:literal;)* })*) => {
        $($(pub(super) static $name: Rule = Rule {
            id: $id, level: Level::$level, category: $category, meaning: $meaning, suggestion: $suggestion,
        };)*)*
        $(static $table: &[&Rule] = &[$(&$name),*];)*
        static TABLES: &[&[&Rule]] = &[$($table),*];
    };
}

tables! {
    FILES "files" {
        SYSTEM_PATH    Critical "files.system"      "deletes, overwrites or re-permits a part of the system" "work below the session's directory or in a temporary one";
        HOME_ROOT      Critical "files.home-root"   "deletes or overwrites a whole home" "name the one directory of the project that is meant";
        CREDENTIALS    Critical "files.credentials" "deletes or overwrites keys or credentials" "leave credentials to their owner";
        HOME_PATH      High     "files.home"        "deletes or overwrites files in the home, outside the work directory" "work below the session's directory";
        OUTSIDE_PATH   High     "files.outside"     "deletes or overwrites files outside the work directory" "work below the session's directory or in a temporary one";
        WORK_DIR       High     "files.work-dir"    "deletes the work directory itself or its git history" "delete single files or build directories";
        WHOLE_WORK_DIR Moderate "files.everything"  "touches everything in the work directory" "name what is meant";
        UNKNOWN_TARGET Moderate "files.unknown"     "deletes something whose name is only known at run time" "write the path out";
        LOOSE_MODE     Moderate "files.loose-mode"  "lets everybody write" "give the narrowest mode that works";
        LISTED_TARGETS Moderate "files.listed"      "deletes files that another command lists" "look at the list first";
        DOTFILE        Moderate "files.dotfile"     "adds to a file that a shell reads at its start" "set it for the one command that needs it";
        NESTED_GIT     Moderate "files.nested-git"  "deletes the git history of a nested repository" "keep the history until it is pushed";
        MADE_ELSEWHERE Moderate "files.elsewhere"   "makes a file outside the work directory" "write below the session's directory or in a temporary one";
        PERHAPS_WRITTEN Moderate "files.given"      "hands a protected file to a program that may write it" "copy the file and hand the copy over";
        READ_SECRET    Moderate "files.read-secret" "shows a secret" "ask the owner for what is needed of it";
    }
    DISKS "disks" {
        DEVICE_WRITE   Critical "disks.device-write" "writes to a device" "write to an image file";
        DISK_CHANGE    Critical "disks.destroy"      "formats, wipes or re-partitions storage" "use an image file";
        DEVICE_GIVEN   Moderate "disks.given"       "hands a device to a program that may write to it" "use an image file";
    }
    PROCESSES "processes" {
        FORK_BOMB      Critical "processes.fork-bomb"  "starts processes without end" "bound the number of processes";
        KILL_ALL       Critical "processes.kill-all"   "ends every process, or the first one" "end the one process that is meant, by its number";
        SYSRQ          Critical "processes.sysrq"      "commands the kernel directly" "ask the machine's owner";
        KILL           Moderate "processes.kill"       "ends processes" "end only what this session started";
        POWER          High     "processes.power"      "shuts the machine down or restarts it" "ask the machine's owner";
    }
    CODE "code" {
        REMOTE_CODE    Critical "code.remote"       "runs code from the network unseen" "download it to a file, read it, then run it";
        HIDDEN_CODE    Critical "code.hidden"       "runs decoded text that nobody can read" "write the command out";
        REVERSE_SHELL  Critical "code.reverse-shell" "hands a shell to another machine" "ask the machine's owner for access";
        DYNAMIC        Moderate "code.dynamic"      "runs a command whose name is only known at run time" "write the command out";
        DYNAMIC_DELETE Critical "code.dynamic-delete" "gives destructive arguments to a command whose name is hidden" "write the command out";
        LOCAL_SCRIPT   Moderate "code.unread"       "runs text whose contents are only known at run time" "name the script as an argument";
        UNPARSEABLE    Moderate "code.unparseable"  "cannot be read as shell" "mend the quotes";
        UNREADABLE     Critical "code.unreadable"   "cannot be read as shell and names a destructive command" "mend the quotes, or split the command";
    }
    SECRETS "secrets" {
        EXFILTRATION   Critical "secrets.network"     "sends secrets over the network" "keep secrets on this machine";
        PERSISTENCE    Critical "secrets.persistence" "gives itself lasting access or rights" "ask the machine's owner";
    }
    SYSTEM "system" {
        CRONTAB_REMOVE High     "system.crontab"    "deletes every scheduled job" "edit the one line that is meant";
        FIREWALL       High     "system.firewall"   "takes the firewall down" "open the one port that is meant";
        USERS          High     "system.users"      "deletes a user or changes a password" "ask the machine's owner";
        ESSENTIAL      High     "system.essential"  "removes a package that the system needs" "remove only what this project installed";
        PACKAGES       Moderate "system.packages"   "changes the packages of the machine" "prefer packages of the project";
    }
    GIT "git" {
        SHARED_HISTORY High     "git.shared-history" "rewrites or deletes a shared branch" "push to a branch of its own and open a pull request";
        LOST_HISTORY   High     "git.expire"         "makes lost commits unrecoverable" "leave the reflog alone";
        FORCE_PUSH     Moderate "git.force-push"     "rewrites a branch on the remote" "use --force-with-lease";
        REMOTE_BRANCH  Moderate "git.delete-remote"  "deletes a branch on the remote" "make sure that it is merged";
        UNCOMMITTED    Moderate "git.uncommitted"    "loses work that is not committed" "commit or stash first";
    }
    DATABASES "databases" {
        LIVE_DATA      High     "databases.live"     "deletes data of what may be production" "name a development database, or filter with WHERE";
        TEST_DATA      Moderate "databases.test"     "deletes data of a development or test database" "make sure that it can be filled again";
    }
    CLOUD "cloud" {
        CLOUD_DESTROY  High     "cloud.destroy"      "deletes cloud resources or published work without a question" "show the plan and let the owner run it";
        MOUNTED_HOST   Critical "cloud.mounted-host" "gives a container the host's files or devices" "mount the project's directory only";
        CONTAINERS     Moderate "cloud.containers"   "deletes containers, images or volumes" "name the one that is meant";
    }
    GUARD "guard" {
        TOO_MUCH       Critical "guard.budget"       "takes more steps to judge than its length allows" "split the command";
    }
}

pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    TABLES.iter().flat_map(|table| table.iter().copied())
}

/// The rule with an id.
pub(super) fn named(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}
