/* What lets libhotplex.so run with an older C library than the one it is linked with.
 *
 * A linker binds a function to its newest version, and glibc 2.34 gave new ones to all of libpthread
 * and libdl when it took them in; a library built there asks for 2.34 though it needs nothing of it.
 * Each function here has the plain name, for the rest of the library alone, and goes on to the oldest
 * version, which every glibc has. `stat` and its kin had no function at all before 2.33.
 *
 * The floor is 2.28, which wheels call manylinux_2_28. What is newer than that is looked up at run
 * time, see posix_spawn.rs. A test reads the library's imports.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define FIRST "GLIBC_2.2.5"
#define SETNAME "GLIBC_2.12"
#elif defined(__aarch64__)
#define FIRST "GLIBC_2.17"
#define SETNAME "GLIBC_2.17"
#endif

#define OURS __attribute__((visibility("hidden")))

/* Declares the old version of a function and defines the plain name by it. */
#define OLD(version, type, name, parameters, arguments)                                            \
    extern type old_##name parameters;                                                             \
    __asm__(".symver old_" #name ", " #name "@" version);                                          \
    OURS type name parameters                                                                      \
    {                                                                                              \
        return old_##name arguments;                                                               \
    }

#ifdef FIRST
OLD(FIRST, int, pthread_create,
    (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
    (thread, attributes, start, argument))
OLD(FIRST, int, pthread_join, (pthread_t thread, void **result), (thread, result))
OLD(FIRST, int, pthread_detach, (pthread_t thread), (thread))
OLD(FIRST, int, pthread_key_create, (pthread_key_t * key, void (*destroy)(void *)), (key, destroy))
OLD(FIRST, int, pthread_key_delete, (pthread_key_t key), (key))
OLD(FIRST, int, pthread_setspecific, (pthread_key_t key, const void *value), (key, value))
OLD(FIRST, int, pthread_attr_getguardsize, (const pthread_attr_t *attributes, size_t *size),
    (attributes, size))
OLD(FIRST, int, pthread_attr_getstack,
    (const pthread_attr_t *attributes, void **address, size_t *size), (attributes, address, size))
OLD(FIRST, int, pthread_attr_setstacksize, (pthread_attr_t * attributes, size_t size),
    (attributes, size))
OLD(FIRST, int, pthread_getattr_np, (pthread_t thread, pthread_attr_t *attributes),
    (thread, attributes))
OLD(FIRST, int, pthread_sigmask, (int how, const sigset_t *set, sigset_t *before),
    (how, set, before))
OLD(SETNAME, int, pthread_setname_np, (pthread_t thread, const char *name),
    (thread, name))
OLD(FIRST, void *, dlsym, (void *library, const char *name), (library, name))

OURS pid_t gettid(void)
{
    return (pid_t)syscall(SYS_gettid);
}

/* The C library's structure is the kernel's on both. */
OURS int fstatat64(int directory, const char *path, struct stat64 *found, int flags)
{
    return (int)syscall(SYS_newfstatat, directory, path, found, flags);
}

OURS int stat64(const char *path, struct stat64 *found)
{
    return fstatat64(AT_FDCWD, path, found, 0);
}

OURS int lstat64(const char *path, struct stat64 *found)
{
    return fstatat64(AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW);
}

OURS int fstat64(int file, struct stat64 *found)
{
    return (int)syscall(SYS_fstat, file, found);
}

OURS int fstat(int file, struct stat *found)
{
    return (int)syscall(SYS_fstat, file, found);
}
#endif
