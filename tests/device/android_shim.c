/* What Android's C library has and glibc has not, for a library of Android's in a JVM here: see android_library.py. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* stdin, stdout and stderr: an array of structures of 152 bytes. */
char __sF[3 * 152];

static FILE *stream(void *file) {
  size_t index = ((char *)file - __sF) / 152;
  if ((char *)file < __sF || index > 2) return file;
  return index == 0 ? stdin : index == 1 ? stdout : stderr;
}

int *__errno(void) { return &errno; }

void android_set_abort_message(const char *message) { fprintf(stderr, "%s\n", message); }

int __system_property_get(const char *name, char *value) {
  (void)name;
  value[0] = 0;
  return 0;
}

size_t __strlen_chk(const char *text, size_t size) {
  (void)size;
  return strlen(text);
}

void __android_log_vprint(int priority, const char *tag, const char *format, va_list arguments) {
  (void)priority;
  (void)tag;
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
}

/* The names that android_library.py writes into the library, where these would reach glibc's own. */
int xfprint(void *file, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int count = vfprintf(stream(file), format, arguments);
  va_end(arguments);
  return count;
}

int xvfprint(void *file, const char *format, va_list arguments) { return vfprintf(stream(file), format, arguments); }

int xfput(int character, void *file) { return fputc(character, stream(file)); }

int xfflus(void *file) { return fflush(file ? stream(file) : NULL); }

int xfilen(void *file) { return fileno(stream(file)); }

size_t xfwrit(const void *data, size_t size, size_t count, void *file) {
  return fwrite(data, size, count, stream(file));
}

long xsyscon(int name) { /* Android numbers what it can be asked differently. */
  switch (name) {
    case 0x27:
    case 0x28:
      return sysconf(_SC_PAGESIZE);
    case 0x60:
      return sysconf(_SC_NPROCESSORS_CONF);
    case 0x61:
      return sysconf(_SC_NPROCESSORS_ONLN);
    case 0x62:
      return sysconf(_SC_PHYS_PAGES);
    default:
      return -1;
  }
}
