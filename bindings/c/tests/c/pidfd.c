/* Process descriptors for valgrind, which as of 3.19 (Debian 12) does not know the kernel's: linked
 * into a program it answers pidfd_open, pidfd_send_signal and waitid(P_PIDFD) in the library's
 * stead. A descriptor is the read end of a pipe into which a thread writes when the process has
 * ended (closing it would not do: a child of fork holds a copy); process numbers are not used again
 * meanwhile, as their owner has not reaped them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_DESCRIPTORS = 65536 };

/* Whose end each descriptor tells; the last to be opened under a number counts. */
static pid_t process_of[MOST_DESCRIPTORS];

static long (*next_syscall)(long, ...);
static int (*next_waitid)(idtype_t, id_t, siginfo_t *, int);

__attribute__((constructor)) static void find_next(void)
{
    *(void **)&next_syscall = dlsym(RTLD_NEXT, "syscall");
    *(void **)&next_waitid = dlsym(RTLD_NEXT, "waitid");
}

struct watch {
    pid_t pid;
    int told;
};

static void *watch(void *context)
{
    struct watch *watch = context;
    siginfo_t details;
    while (next_waitid(P_PID, (id_t)watch->pid, &details, WEXITED | WNOWAIT) < 0 && errno == EINTR)
        ;
    /* Nobody may be left to read it: SIGPIPE is blocked here. */
    if (write(watch->told, "", 1) < 0 && errno != EPIPE)
        abort();
    close(watch->told);
    free(watch);
    return NULL;
}

static long open_process(pid_t pid)
{
    int ends[2];
    if (kill(pid, 0) < 0 || pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    struct watch *new = malloc(sizeof *new);
    *new = (struct watch){pid, ends[1]};
    process_of[ends[0]] = pid;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    int failed = pthread_create(&thread, &detached, watch, new);
    pthread_attr_destroy(&detached);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        abort();
    return ends[0];
}

long syscall(long number, ...)
{
    long a[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(arguments, long);
    va_end(arguments);
    if (number == SYS_pidfd_open)
        return open_process((pid_t)a[0]);
    if (number == SYS_pidfd_send_signal && a[3] == 0)
        return kill(process_of[a[0]], (int)a[1]);
    if (number == SYS_pidfd_send_signal)
        return errno = EINVAL, -1;
    return next_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int waitid(idtype_t kind, id_t id, siginfo_t *details, int options)
{
    if (kind == P_PIDFD)
        return next_waitid(P_PID, (id_t)process_of[id], details, options);
    return next_waitid(kind, id, details, options);
}
