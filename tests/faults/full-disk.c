/* Loaded before the C library: while the file FULL_DISK_FLAG exists, nothing can be written to files under
 * the folder FULL_DISK_FOLDER, as if its disk were full. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_full(int fd) {
  const int before = errno;
  const char* flag = getenv("FULL_DISK_FLAG");
  const char* folder = getenv("FULL_DISK_FOLDER");
  int full = 0;
  if (flag && folder && access(flag, F_OK) == 0) {
    char link[64];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path);
    const size_t prefix = strlen(folder);
    full = length > (ssize_t)prefix && memcmp(path, folder, prefix) == 0;
  }
  errno = full ? ENOSPC : before;
  return full;
}

#define REPLACE(result, name, parameters, arguments)                 \
  result name parameters {                                           \
    static result(*real) parameters;                                 \
    if (is_full(fd)) return -1;                                      \
    if (!real) real = (result(*) parameters)dlsym(RTLD_NEXT, #name); \
    return real arguments;                                           \
  }

REPLACE(ssize_t, write, (int fd, const void* data, size_t size), (fd, data, size))
REPLACE(ssize_t, pwrite, (int fd, const void* data, size_t size, off_t at), (fd, data, size, at))
REPLACE(ssize_t, pwrite64, (int fd, const void* data, size_t size, off64_t at), (fd, data, size, at))
REPLACE(ssize_t, writev, (int fd, const struct iovec* parts, int count), (fd, parts, count))
REPLACE(ssize_t, pwritev, (int fd, const struct iovec* parts, int count, off_t at), (fd, parts, count, at))
REPLACE(ssize_t, pwritev64, (int fd, const struct iovec* parts, int count, off64_t at),
        (fd, parts, count, at))
REPLACE(int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size))
REPLACE(int, fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size))
