//! `posix_spawn` without its raw pointers.
//!
//! glibc and musl start the child on the host's own pages and suspend the calling thread until it
//! has become the program, so the cost does not grow with the host's memory as that of `fork` does.

use std::ffi::{CStr, CString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::ptr;

use super::signal_set::{all_signals, no_signals};

/// What the child becomes the leader of.
#[derive(Clone, Copy)]
pub(super) enum Leads {
    /// A process group in the host's session.
    Group,
    /// A session, out of reach of the host's terminal.
    Session,
}

/// A child to be.
#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    pub(super) program: &'a CStr,
    /// The arguments; the program's name is the first.
    pub(super) arguments: &'a [CString],
    /// `NAME=value` each.
    pub(super) environment: &'a [CString],
    pub(super) work_dir: &'a CStr,
    /// Standard input, output and error; all above 2, so that none overwrites another.
    pub(super) streams: [BorrowedFd<'a>; 3],
    pub(super) leads: Leads,
}

/// Starts the child and gives its number.
pub(super) fn start(plan: &Plan<'_>) -> io::Result<u32> {
    match newer::chdir() {
        Some(_) => start_directly(plan),
        None => by_a_shell(plan),
    }
}

/// For glibc 2.28, whose `posix_spawn` knows no directory: a shell goes there and becomes the program.
/// A program that cannot be started is told by the shell then, and not by an error.
fn by_a_shell(plan: &Plan<'_>) -> io::Result<u32> {
    let [shell, option, script] = [c"sh", c"-c", c"cd -- \"$1\" && shift && exec \"$@\""];
    let head = [shell, option, script, shell, plan.work_dir, plan.program].map(CStr::to_owned);
    let rest = plan.arguments.iter().skip(1).cloned();
    start_directly(&Plan {
        program: c"/bin/sh",
        arguments: &head.into_iter().chain(rest).collect::<Vec<_>>(),
        ..*plan
    })
}

fn start_directly(plan: &Plan<'_>) -> io::Result<u32> {
    let attributes = Attributes::new(plan.leads)?;
    let actions = FileActions::new(plan)?;
    let arguments = pointers(plan.arguments);
    let environment = pointers(plan.environment);
    let mut pid = 0;
    // SAFETY: the program is a C string, both arrays end with a null pointer and their strings
    // outlive the call, and attributes and actions are initialised.
    check(unsafe {
        libc::posix_spawn(
            &mut pid,
            plan.program.as_ptr(),
            &actions.0,
            &attributes.0,
            arguments.as_ptr(),
            environment.as_ptr(),
        )
    })?;
    Ok(pid as u32)
}

fn pointers(strings: &[CString]) -> Vec<*mut libc::c_char> {
    let each = strings.iter().map(|string| string.as_ptr().cast_mut());
    each.chain([ptr::null_mut()]).collect()
}

/// What is set in the child before it becomes the program.
struct Attributes(libc::posix_spawnattr_t);

impl Attributes {
    fn new(leads: Leads) -> io::Result<Attributes> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: posix_spawnattr_init initialises what the pointer leads to.
        check(unsafe { libc::posix_spawnattr_init(raw.as_mut_ptr()) })?;
        // SAFETY: the call above succeeded.
        let mut attributes = Attributes(unsafe { raw.assume_init() });
        attributes.reset_signals()?;
        attributes.set_flags(leads)?;
        Ok(attributes)
    }

    /// What the host blocks or ignores must not reach the child: an agent that cannot be
    /// terminated, or that writes on into a closed pipe, is of no use.
    fn reset_signals(&mut self) -> io::Result<()> {
        // SAFETY: attributes and set are initialised.
        check(unsafe { libc::posix_spawnattr_setsigmask(&mut self.0, &no_signals()) })?;
        // SAFETY: attributes and set are initialised.
        check(unsafe { libc::posix_spawnattr_setsigdefault(&mut self.0, &all_signals()) })
    }

    /// The group's number stays 0, which stands for the child's own.
    fn set_flags(&mut self, leads: Leads) -> io::Result<()> {
        let leads = match leads {
            Leads::Group => libc::POSIX_SPAWN_SETPGROUP as libc::c_short,
            Leads::Session => libc::POSIX_SPAWN_SETSID as libc::c_short,
        };
        let signals = libc::POSIX_SPAWN_SETSIGMASK | libc::POSIX_SPAWN_SETSIGDEF;
        let flags = leads | signals as libc::c_short;
        // SAFETY: the attributes are initialised.
        check(unsafe { libc::posix_spawnattr_setflags(&mut self.0, flags) })
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: they were initialised, and are not used again.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

/// What is done in the child with its descriptors and directory, in this order.
struct FileActions(libc::posix_spawn_file_actions_t);

impl FileActions {
    fn new(plan: &Plan<'_>) -> io::Result<FileActions> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: posix_spawn_file_actions_init initialises what the pointer leads to.
        check(unsafe { libc::posix_spawn_file_actions_init(raw.as_mut_ptr()) })?;
        // SAFETY: the call above succeeded.
        let mut actions = FileActions(unsafe { raw.assume_init() });
        for (target, stream) in (0..).zip(plan.streams) {
            actions.add_stream(stream.as_raw_fd(), target)?;
        }
        actions.add_close_of_the_rest()?;
        actions.add_work_dir(plan.work_dir)?;
        Ok(actions)
    }

    fn add_stream(&mut self, stream: RawFd, target: RawFd) -> io::Result<()> {
        // SAFETY: the actions are initialised; the rest are plain numbers.
        check(unsafe { libc::posix_spawn_file_actions_adddup2(&mut self.0, stream, target) })
    }

    /// A host may hold descriptors without close-on-exec; an agent has no business with them, and
    /// a socket or lock that it holds open would outlive the host's own close.
    fn add_close_of_the_rest(&mut self) -> io::Result<()> {
        match newer::closefrom() {
            // SAFETY: the actions are initialised; the rest is a plain number.
            Some(add) => check(unsafe { add(&mut self.0, 3) }),
            None => self.add_close_of_what_is_open(),
        }
    }

    /// As above, for musl and glibc before 2.34. Closing one that was closed meanwhile is no error
    /// in either; one that is opened meanwhile without close-on-exec gets through.
    fn add_close_of_what_is_open(&mut self) -> io::Result<()> {
        let open = super::proc_files::own_descriptors()?
            .into_iter()
            .map(|number| number as RawFd);
        for descriptor in open.filter(|&descriptor| descriptor > libc::STDERR_FILENO) {
            // SAFETY: the actions are initialised; the rest is a plain number.
            check(unsafe { libc::posix_spawn_file_actions_addclose(&mut self.0, descriptor) })?;
        }
        Ok(())
    }

    fn add_work_dir(&mut self, directory: &CStr) -> io::Result<()> {
        match newer::chdir() {
            // SAFETY: the actions are initialised, and the C library copies the path.
            Some(add) => check(unsafe { add(&mut self.0, directory.as_ptr()) }),
            // The shell of `by_a_shell` goes there.
            None => Ok(()),
        }
    }
}

/// What glibc 2.28, the oldest that hotplex runs with, does not have. Linked directly, the library
/// would not load there.
#[cfg(target_env = "gnu")]
mod newer {
    use std::ffi::CStr;

    type Actions = *mut libc::posix_spawn_file_actions_t;
    type AddNumber = unsafe extern "C" fn(Actions, libc::c_int) -> libc::c_int;
    type AddPath = unsafe extern "C" fn(Actions, *const libc::c_char) -> libc::c_int;

    /// Since 2.34.
    pub(super) fn closefrom() -> Option<AddNumber> {
        let found = look_up(c"posix_spawn_file_actions_addclosefrom_np")?;
        // SAFETY: a function of this name has this signature.
        Some(unsafe { std::mem::transmute::<*mut libc::c_void, AddNumber>(found) })
    }

    /// Since 2.29.
    pub(super) fn chdir() -> Option<AddPath> {
        let found = look_up(c"posix_spawn_file_actions_addchdir_np")?;
        // SAFETY: a function of this name has this signature.
        Some(unsafe { std::mem::transmute::<*mut libc::c_void, AddPath>(found) })
    }

    fn look_up(name: &CStr) -> Option<*mut libc::c_void> {
        // SAFETY: the name is a C string.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        (!found.is_null()).then_some(found)
    }
}

#[cfg(not(target_env = "gnu"))]
mod newer {
    type Actions = *mut libc::posix_spawn_file_actions_t;
    type AddNumber = unsafe extern "C" fn(Actions, libc::c_int) -> libc::c_int;
    type AddPath = unsafe extern "C" fn(Actions, *const libc::c_char) -> libc::c_int;

    pub(super) fn closefrom() -> Option<AddNumber> {
        None
    }

    pub(super) fn chdir() -> Option<AddPath> {
        Some(libc::posix_spawn_file_actions_addchdir_np)
    }
}

impl Drop for FileActions {
    fn drop(&mut self) {
        // SAFETY: they were initialised, and are not used again.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.0) };
    }
}

/// These functions give the error number instead of setting `errno`.
fn check(error: libc::c_int) -> io::Result<()> {
    match error {
        0 => Ok(()),
        number => Err(io::Error::from_raw_os_error(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::pidfd::{ChildState, Pidfd};
    use super::super::pipe::{above_standard, pipe};
    use super::*;
    use std::fs::File;
    use std::io::Read;
    use std::os::fd::AsFd;
    use std::time::Duration;

    /// What hosts with glibc 2.28 get.
    #[test]
    fn without_the_newer_functions_a_child_starts_the_same() {
        let [read, write] = pipe().expect("a pipe");
        let nothing = File::open("/dev/null").expect("it opens").into();
        let nothing = above_standard(nothing).expect("a descriptor");
        let argument = |text: &str| CString::new(text).expect("no zero byte");
        let script = "pwd; echo \"$0 $1\"; ls /proc/self/fd | wc -l; exit 7";
        let pid = by_a_shell(&Plan {
            program: c"/bin/sh",
            arguments: &["/bin/sh", "-c", script, "a b", "it's"].map(argument),
            environment: &[argument("PATH=/usr/bin:/bin")],
            work_dir: c"/usr",
            streams: [nothing.as_fd(), write.as_fd(), nothing.as_fd()],
            leads: Leads::Group,
        })
        .expect("it starts");
        drop(write);
        let child = Pidfd::open_child(pid).expect("it is ours");
        let mut said = String::new();
        (&File::from(read.try_clone().expect("a copy")))
            .read_to_string(&mut said)
            .expect("text");
        assert_eq!(said, "/usr\na b it's\n4\n");
        assert!(child.wait_for_end(Duration::from_secs(20)));
        assert_eq!(
            child.reap(),
            ChildState::Ended(super::super::super::Exit::Code(7))
        );
        let mut actions = FileActions::new(&Plan {
            program: c"/bin/true",
            arguments: &[],
            environment: &[],
            work_dir: c"/",
            streams: [nothing.as_fd(), nothing.as_fd(), nothing.as_fd()],
            leads: Leads::Group,
        })
        .expect("actions");
        actions
            .add_close_of_what_is_open()
            .expect("they are listed");
    }
}
