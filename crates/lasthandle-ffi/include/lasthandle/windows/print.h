/* Printing wide text of 16-bit units, as UTF-8: see wide.h. Formats are Windows' own: %s and %c are wide, %S, %C, %hs
 * and %hc are narrow, and %ld has 32 bits. */
#ifndef LASTHANDLE_WINDOWS_PRINT_H
#define LASTHANDLE_WINDOWS_PRINT_H

#include <stdarg.h>

#include "wide.h"

#ifndef __cplusplus
FILE *open_memstream(char **text, size_t *bytes); /* <stdio.h> hides it in standard C (-std=c11) */
#endif

static inline void lasthandle_put_padded(FILE *file, const WCHAR *text, const char *flags, int width, int precision)
{
    int length = 0;
    while ((precision < 0 || length < precision) && text[length] != 0)
        length++;
    int left = strchr(flags, '-') != NULL, pad = width > length ? width - length : 0;
    fprintf(file, "%*s", left ? 0 : pad, "");
    lasthandle_put_units(file, text, (size_t)length);
    fprintf(file, "%*s", left ? pad : 0, "");
}

/* A number, or `*` for one that was passed; -1 if there is none. */
static inline int lasthandle_count(const WCHAR **format, va_list *arguments)
{
    int count = 0;
    if (**format == '*') {
        ++*format;
        return va_arg(*arguments, int);
    }
    if (**format < '0' || **format > '9')
        return -1;
    while (**format >= '0' && **format <= '9')
        count = count * 10 + (*(*format)++ - '0');
    return count;
}

/* The length that a conversion states: 'h' narrow, 'l' long or wide, 'L' of 64 bits, 0 none. */
static inline char lasthandle_length(const WCHAR **format)
{
    char length = 0;
    for (;; ++*format) {
        const WCHAR *at = *format;
        if (*at == 'h' || *at == 'w')
            length = *at == 'h' ? 'h' : 'l';
        else if (*at == 'l' || *at == 'L')
            length = length == 'l' ? 'L' : 'l';
        else if (*at == 'I' && at[1] == '3' && at[2] == '2')
            *format += 2;
        else if (*at == 'I' && at[1] == '6' && at[2] == '4')
            length = 'L', *format += 2;
        else if (*at == 'j' || *at == 'z' || *at == 't' || *at == 'I')
            length = 'L';
        else
            return length;
    }
}

/* A conversion of a number, by the C library: its flags, width, precision. */
static inline void lasthandle_put_number(FILE *file, WCHAR kind, char length, const char *flags, int width,
                                         int precision, va_list *arguments)
{
    char format[32];
    int wide = length == 'L' && strchr("diouxX", kind) != NULL;
    snprintf(format, sizeof format, "%%%s*.*%s%c", flags, wide ? "ll" : "", (char)kind);
    width = width < 0 ? 0 : width;
    if (strchr("fFeEgGaA", kind) != NULL)
        fprintf(file, format, width, precision, va_arg(*arguments, double));
    else if (wide)
        fprintf(file, format, width, precision, va_arg(*arguments, long long));
    else
        fprintf(file, format, width, precision, va_arg(*arguments, int));
}

/* One conversion, from behind its `%` to behind its letter. */
static inline const WCHAR *lasthandle_convert(FILE *file, const WCHAR *format, va_list *arguments)
{
    char flags[8] = "", length;
    for (size_t used = 0; *format != 0 && *format < 0x80 && strchr("-+ #0", *format) != NULL; format++)
        if (used < sizeof flags - 1)
            flags[used++] = (char)*format;
    int width = lasthandle_count(&format, arguments), precision = -1;
    if (*format == '.') {
        format++;
        precision = lasthandle_count(&format, arguments);
        precision = precision < 0 ? 0 : precision;
    }
    length = lasthandle_length(&format);
    WCHAR kind = *format;
    int narrow = length == 'h' || ((kind == 'S' || kind == 'C') && length == 0);
    if (kind == 0)
        return format;
    if (kind == '%') {
        putc('%', file);
    } else if (kind == 'c' || kind == 'C') {
        WCHAR unit[2] = {(WCHAR)va_arg(*arguments, int), 0};
        lasthandle_put_padded(file, unit, flags, width, -1);
    } else if ((kind == 's' || kind == 'S') && narrow) {
        const char *text = va_arg(*arguments, const char *);
        fprintf(file, strchr(flags, '-') ? "%-*.*s" : "%*.*s", width < 0 ? 0 : width, precision, text ? text : "(null)");
    } else if (kind == 's' || kind == 'S') {
        static const WCHAR null[] = {'(', 'n', 'u', 'l', 'l', ')', 0};
        const WCHAR *text = va_arg(*arguments, const WCHAR *);
        lasthandle_put_padded(file, text ? text : null, flags, width, precision);
    } else if (kind == 'p') {
        fprintf(file, "%016llX", (unsigned long long)(uintptr_t)va_arg(*arguments, void *));
    } else if (kind < 0x80 && strchr("diouxXfFeEgGaA", kind) != NULL) {
        lasthandle_put_number(file, kind, length, flags, width, precision, arguments);
    }
    return format + 1;
}

static inline int lasthandle_vfwprintf(FILE *file, const WCHAR *format, va_list given)
{
    va_list arguments; /* what its address is passed on of must be no parameter: those may be pointers already */
    va_copy(arguments, given);
    while (*format != 0) {
        size_t plain = 0;
        while (format[plain] != 0 && format[plain] != '%')
            plain++;
        lasthandle_put_units(file, format, plain);
        format += plain;
        if (*format == '%')
            format = lasthandle_convert(file, format + 1, &arguments);
    }
    va_end(arguments);
    return ferror(file) ? -1 : 0;
}

static inline int lasthandle_fwprintf(FILE *file, const WCHAR *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int done = lasthandle_vfwprintf(file, format, arguments);
    va_end(arguments);
    return done;
}

static inline int lasthandle_wprintf(const WCHAR *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int done = lasthandle_vfwprintf(stdout, format, arguments);
    va_end(arguments);
    return done;
}

/* Into a buffer of `size` units; -1 and what fits if that is too few. */
static inline int lasthandle_vswprintf(WCHAR *to, size_t size, const WCHAR *format, va_list arguments)
{
    char *text = NULL;
    size_t bytes;
    FILE *file = size == 0 ? NULL : open_memstream(&text, &bytes);
    if (file == NULL)
        return -1;
    lasthandle_vfwprintf(file, format, arguments);
    fclose(file);
    size_t length = lasthandle_utf16(text, to, size - 1);
    free(text);
    return length < size ? (int)length : -1;
}

static inline int lasthandle_swprintf(WCHAR *to, size_t size, const WCHAR *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int done = lasthandle_vswprintf(to, size, format, arguments);
    va_end(arguments);
    return done;
}

#if __WCHAR_MAX__ <= 0xFFFF
#define wprintf(...) lasthandle_wprintf(__VA_ARGS__)
#define fwprintf(...) lasthandle_fwprintf(__VA_ARGS__)
#define vfwprintf(file, format, arguments) lasthandle_vfwprintf(file, format, arguments)
#define swprintf(...) lasthandle_swprintf(__VA_ARGS__)
#define swprintf_s(...) lasthandle_swprintf(__VA_ARGS__)
#define _snwprintf(...) lasthandle_swprintf(__VA_ARGS__)
#define vswprintf(to, size, format, arguments) lasthandle_vswprintf(to, size, format, arguments)
#endif

#endif
