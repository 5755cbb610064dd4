/*
 * Preloaded into a process: records, in order, what it does to the files under DISK_ROOT, or lets it fail.
 * Record: kind, inode, second inode, offset, length as 64-bit numbers, then `length` bytes. A write to DISK_ACK is a record too.
 * The control file is two shared numbers: changes counted so far, the change from which on they fail; and the error they fail with (0: none).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, WRITE, TRUNCATE, SYNC, RENAME, UNLINK, MKDIR, ACK };

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int log_fd = -1;
static char root[PATH_MAX], ack[PATH_MAX];
static volatile int64_t *control;

static ssize_t (*real_write)(int, const void *, size_t);
#define REAL(result, name, ...) static result (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  int (*open_file)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  if (getenv("DISK_ROOT")) snprintf(root, sizeof root, "%s/", getenv("DISK_ROOT"));
  if (getenv("DISK_ACK")) snprintf(ack, sizeof ack, "%s", getenv("DISK_ACK"));
  if (getenv("DISK_LOG")) log_fd = open_file(getenv("DISK_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int fd = getenv("DISK_CONTROL") ? open_file(getenv("DISK_CONTROL"), O_RDWR | O_CLOEXEC) : -1;
  if (fd >= 0) control = mmap(0, 24, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

static int is_ours(const char *path) {
  size_t length = strlen(root);
  return length > 1 && (strncmp(path, root, length) == 0 || strncmp(path, root, length - 1) == 0);
}
static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return 1;
}
static int is_ours_fd(int fd) {
  char path[PATH_MAX];
  return fd != log_fd && path_of(fd, path) && is_ours(path);
}
static uint64_t inode_of(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 ? info.st_ino : 0;
}
static uint64_t inode_at(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0 ? info.st_ino : 0;
}
static void record(uint64_t kind, uint64_t inode, uint64_t other, uint64_t offset, const void *bytes, uint64_t length) {
  if (log_fd < 0) return;
  int saved = errno;
  uint64_t head[5] = {kind, inode, other, offset, length};
  struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, length}};
  static ssize_t (*real)(int, const struct iovec *, int);
  if (!real) real = dlsym(RTLD_NEXT, "writev");
  if (real(log_fd, parts, 2) != (ssize_t)(sizeof head + length)) abort();
  errno = saved;
}
/* Whether this change is to fail; the error is set. */
static int fails(void) {
  if (!control) return 0;
  int64_t count = __sync_add_and_fetch(&control[0], 1);
  if (control[2] == 0 || count < control[1]) return 0;
  errno = (int)control[2];
  return 1;
}

#define BEGIN pthread_mutex_lock(&lock)
#define END(result) do { pthread_mutex_unlock(&lock); return result; } while (0)

static int opened(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  if (!is_ours(path) || (flags & (O_CREAT | O_TRUNC)) == 0) return real(path, flags, mode);
  BEGIN;
  uint64_t before = inode_at(path);
  if ((before == 0 || (flags & O_TRUNC)) && fails()) END(-1);
  int fd = real(path, flags, mode);
  if (fd >= 0 && before == 0) record(CREATE, inode_of(fd), 0, 0, path, strlen(path));
  if (fd >= 0 && before != 0 && (flags & O_TRUNC)) record(TRUNCATE, before, 0, 0, "", 0);
  END(fd);
}
#define OPEN(name)                                                                                                     \
  int name(const char *path, int flags, ...) {                                                                         \
    REAL(int, name, const char *, int, ...);                                                                           \
    va_list rest;                                                                                                      \
    va_start(rest, flags);                                                                                             \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                                                          \
    va_end(rest);                                                                                                      \
    return opened(real, path, flags, mode);                                                                            \
  }
OPEN(open)
OPEN(open64)

ssize_t write(int fd, const void *bytes, size_t length) {
  char path[PATH_MAX];
  if (fd != log_fd && ack[0] && path_of(fd, path) && strcmp(path, ack) == 0) {
    BEGIN;
    record(ACK, 0, 0, 0, bytes, length);
    END((ssize_t)length);
  }
  if (!is_ours_fd(fd)) return real_write(fd, bytes, length);
  BEGIN;
  if (fails()) END(-1);
  off_t at = lseek(fd, 0, SEEK_CUR);
  ssize_t done = real_write(fd, bytes, length);
  if (done > 0) record(WRITE, inode_of(fd), 0, (uint64_t)at, bytes, (uint64_t)done);
  END(done);
}
#define PWRITE(name)                                                                                                   \
  ssize_t name(int fd, const void *bytes, size_t length, off_t at) {                                                   \
    REAL(ssize_t, name, int, const void *, size_t, off_t);                                                             \
    if (!is_ours_fd(fd)) return real(fd, bytes, length, at);                                                           \
    BEGIN;                                                                                                             \
    if (fails()) END(-1);                                                                                              \
    ssize_t done = real(fd, bytes, length, at);                                                                        \
    if (done > 0) record(WRITE, inode_of(fd), 0, (uint64_t)at, bytes, (uint64_t)done);                                 \
    END(done);                                                                                                         \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

/* Each of these would go past the record unseen. */
#define VECTOR(name, ...)                                                                                              \
  ssize_t name(int fd, const struct iovec *parts, int count, ##__VA_ARGS__)
VECTOR(pwritev, off_t at) {
  REAL(ssize_t, pwritev, int, const struct iovec *, int, off_t);
  if (is_ours_fd(fd)) return pwrite(fd, parts[0].iov_base, parts[0].iov_len, at);
  return real(fd, parts, count, at);
}
VECTOR(pwritev64, off_t at) {
  REAL(ssize_t, pwritev64, int, const struct iovec *, int, off_t);
  if (is_ours_fd(fd)) return pwrite(fd, parts[0].iov_base, parts[0].iov_len, at);
  return real(fd, parts, count, at);
}
VECTOR(writev) {
  REAL(ssize_t, writev, int, const struct iovec *, int);
  if (is_ours_fd(fd)) return write(fd, parts[0].iov_base, parts[0].iov_len);
  return real(fd, parts, count);
}

#define RESIZE(name)                                                                                                   \
  int name(int fd, off_t length) {                                                                                     \
    REAL(int, name, int, off_t);                                                                                       \
    if (!is_ours_fd(fd)) return real(fd, length);                                                                      \
    BEGIN;                                                                                                             \
    if (fails()) END(-1);                                                                                              \
    int result = real(fd, length);                                                                                     \
    if (result == 0) record(TRUNCATE, inode_of(fd), 0, (uint64_t)length, "", 0);                                       \
    END(result);                                                                                                       \
  }
RESIZE(ftruncate)
RESIZE(ftruncate64)

#define FLUSH(name)                                                                                                    \
  int name(int fd) {                                                                                                   \
    REAL(int, name, int);                                                                                              \
    if (!is_ours_fd(fd)) return real(fd);                                                                              \
    BEGIN;                                                                                                             \
    if (fails()) END(-1);                                                                                              \
    record(SYNC, inode_of(fd), 0, 0, "", 0);                                                                           \
    END(0);                                                                                                            \
  }
FLUSH(fsync)
FLUSH(fdatasync)

int rename(const char *from, const char *to) {
  REAL(int, rename, const char *, const char *);
  if (!is_ours(from)) return real(from, to);
  BEGIN;
  if (fails()) END(-1);
  char both[2 * PATH_MAX];
  int length = snprintf(both, sizeof both, "%s%c%s", from, 0, to);
  uint64_t inode = inode_at(from);
  int result = real(from, to);
  if (result == 0) record(RENAME, inode, 0, 0, both, (uint64_t)length);
  END(result);
}
#define NAMED(name, kind, more, lent)                                                                                  \
  int name(const char *path more) {                                                                                    \
    static int (*real)();                                                                                              \
    if (!real) real = dlsym(RTLD_NEXT, #name);                                                                         \
    if (!is_ours(path)) return real(path lent);                                                                        \
    BEGIN;                                                                                                             \
    uint64_t inode = inode_at(path);                                                                                   \
    if ((kind == MKDIR) == (inode == 0) && fails()) END(-1);                                                           \
    int result = real(path lent);                                                                                      \
    if (result == 0) record(kind, kind == MKDIR ? inode_at(path) : inode, 0, 0, path, strlen(path));                   \
    END(result);                                                                                                       \
  }
#define COMMA ,
NAMED(unlink, UNLINK, , )
NAMED(rmdir, UNLINK, , )
NAMED(mkdir, MKDIR, COMMA mode_t mode, COMMA mode)
