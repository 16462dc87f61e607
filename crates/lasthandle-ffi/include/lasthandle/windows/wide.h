/* The C library's functions for wide text, over 16-bit units.
 *
 * libc's own ones (wcslen, wprintf and so on) take 32-bit characters, whatever -fshort-wchar says: given L"..." of 16
 * bits they read past its end, without a word of the compiler. So with -fshort-wchar their plain names mean the ones
 * here and in print.h. What is not in either (wcstok, fgetws, ...) must not be used with -fshort-wchar; nor std::wstring
 * and std::wcout, whose code in the C++ library was compiled for 32 bits.
 */
#ifndef LASTHANDLE_WINDOWS_WIDE_H
#define LASTHANDLE_WINDOWS_WIDE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#ifdef __cplusplus
#include <cwchar> /* before the names below, which it would take away */
#if __WCHAR_MAX__ <= 0xFFFF
#include <string>
#endif
#endif

#include "types.h"

static inline size_t lasthandle_wcslen(const WCHAR *text)
{
    size_t length = 0;
    while (text[length] != 0)
        length++;
    return length;
}

static inline WCHAR *lasthandle_wcsncpy(WCHAR *to, const WCHAR *from, size_t most)
{
    size_t index = 0;
    for (; index < most && from[index] != 0; index++)
        to[index] = from[index];
    for (; index < most; index++)
        to[index] = 0;
    return to;
}

static inline WCHAR *lasthandle_wcscpy(WCHAR *to, const WCHAR *from)
{
    return (WCHAR *)memcpy(to, from, (lasthandle_wcslen(from) + 1) * sizeof(WCHAR));
}

static inline WCHAR *lasthandle_wcscat(WCHAR *to, const WCHAR *from)
{
    lasthandle_wcscpy(to + lasthandle_wcslen(to), from);
    return to;
}

static inline int lasthandle_wcscpy_s(WCHAR *to, size_t size, const WCHAR *from)
{
    if (to == NULL || size == 0)
        return EINVAL;
    if (from != NULL && lasthandle_wcslen(from) < size) {
        lasthandle_wcscpy(to, from);
        return 0;
    }
    to[0] = 0;
    return from == NULL ? EINVAL : ERANGE;
}

static inline int lasthandle_wcsncmp(const WCHAR *one, const WCHAR *other, size_t most)
{
    for (; most > 0; one++, other++, most--)
        if (*one != *other || *one == 0)
            return (int)*one - (int)*other;
    return 0;
}

static inline int lasthandle_wcscmp(const WCHAR *one, const WCHAR *other)
{
    return lasthandle_wcsncmp(one, other, (size_t)-1);
}

/* Without regard to the case of A to Z. */
static inline int lasthandle_wcsicmp(const WCHAR *one, const WCHAR *other)
{
    for (;; one++, other++) {
        int a = *one >= 'A' && *one <= 'Z' ? *one | 32 : *one, b = *other >= 'A' && *other <= 'Z' ? *other | 32 : *other;
        if (a != b || a == 0)
            return a - b;
    }
}

static inline WCHAR *lasthandle_wcschr(const WCHAR *text, WCHAR unit)
{
    for (; *text != unit; text++)
        if (*text == 0)
            return NULL;
    return (WCHAR *)text;
}

static inline WCHAR *lasthandle_wcsrchr(const WCHAR *text, WCHAR unit)
{
    for (const WCHAR *at = text + lasthandle_wcslen(text);; at--)
        if (*at == unit)
            return (WCHAR *)at;
        else if (at == text)
            return NULL;
}

static inline WCHAR *lasthandle_wcsstr(const WCHAR *text, const WCHAR *part)
{
    size_t length = lasthandle_wcslen(part);
    for (;; text++)
        if (lasthandle_wcsncmp(text, part, length) == 0)
            return (WCHAR *)text;
        else if (*text == 0)
            return NULL;
}

/* The UTF-8 of one unit, or of two that are a pair; a lone surrogate is U+FFFD. Bytes; says how many units it took. */
static inline int lasthandle_utf8(const WCHAR *text, size_t length, char bytes[4], size_t *units)
{
    uint32_t code = text[0];
    *units = 1;
    if (code >= 0xD800 && code <= 0xDBFF && length > 1 && text[1] >= 0xDC00 && text[1] <= 0xDFFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + (text[1] - 0xDC00u);
        *units = 2;
    } else if (code >= 0xD800 && code <= 0xDFFF) {
        code = 0xFFFD;
    }
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char first[4] = {0, 0xC0, 0xE0, 0xF0};
    bytes[0] = (char)(first[more] | code >> 6 * more);
    for (int byte = 1; byte <= more; byte++)
        bytes[byte] = (char)(0x80 | (code >> 6 * (more - byte) & 0x3F));
    return more + 1;
}

/* Writes units as UTF-8. */
static inline void lasthandle_put_units(FILE *file, const WCHAR *text, size_t length)
{
    char bytes[4];
    for (size_t at = 0, units; at < length; at += units) {
        int count = lasthandle_utf8(text + at, length - at, bytes, &units);
        fwrite(bytes, 1, (size_t)count, file);
    }
}

static inline int lasthandle_fputws(const WCHAR *text, FILE *file)
{
    lasthandle_put_units(file, text, lasthandle_wcslen(text));
    return ferror(file) ? EOF : 0;
}

static inline int lasthandle_putws(const WCHAR *text)
{
    return lasthandle_fputws(text, stdout) == EOF ? EOF : putchar('\n');
}

static inline int lasthandle_putwchar(WCHAR unit)
{
    lasthandle_put_units(stdout, &unit, 1);
    return unit;
}

/* Units of UTF-8 text, at most `most` and a NUL; how many the whole has. */
static inline size_t lasthandle_utf16(const char *text, WCHAR *to, size_t most)
{
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != 0;) {
        int more = *at < 0xC0 ? 0 : *at < 0xE0 ? 1 : *at < 0xF0 ? 2 : 3;
        uint32_t code = *at < 0x80 ? *at : *at < 0xC0 ? 0xFFFD : *at & (0x3Fu >> more);
        for (at++; more > 0 && (*at & 0xC0) == 0x80; more--)
            code = code << 6 | (*at++ & 0x3F);
        WCHAR units[2] = {(WCHAR)(code < 0x10000 ? code : 0xD7C0 + (code >> 10)), (WCHAR)(0xDC00 | (code & 0x3FF))};
        for (int unit = 0; unit < (code < 0x10000 ? 1 : 2); unit++, length++)
            if (length < most)
                to[length] = units[unit];
    }
    if (to != NULL)
        to[length < most ? length : most] = 0;
    return length;
}

static inline unsigned long lasthandle_wcstoul(const WCHAR *text, WCHAR **end, int base)
{
    char digits[72], *stop;
    size_t length = 0;
    for (; length < sizeof digits - 1 && text[length] != 0 && text[length] < 0x80; length++)
        digits[length] = (char)text[length];
    digits[length] = 0;
    unsigned long number = strtoul(digits, &stop, base);
    if (end != NULL)
        *end = (WCHAR *)text + (stop - digits);
    return number;
}

static inline int lasthandle_wtoi(const WCHAR *text)
{
    return (int)lasthandle_wcstoul(text, NULL, 10);
}

/* The arguments of a program, as wmain wants them; they live as long as it does. */
static inline WCHAR **lasthandle_wide_arguments(int count, char **narrow)
{
    WCHAR **wide = (WCHAR **)calloc((size_t)count + 1, sizeof *wide);
    for (int index = 0; wide != NULL && index < count; index++) {
        size_t length = lasthandle_utf16(narrow[index], NULL, 0);
        wide[index] = (WCHAR *)malloc((length + 1) * sizeof(WCHAR));
        if (wide[index] == NULL)
            abort();
        lasthandle_utf16(narrow[index], wide[index], length);
    }
    return wide != NULL ? wide : (abort(), wide);
}

#if __WCHAR_MAX__ <= 0xFFFF
#ifdef __GLIBCXX__
/* The same type once more, so that its use is told of. */
#define LASTHANDLE_NOT_SHORT                                                                                           \
    __attribute__((deprecated("the C++ library's has 32-bit characters: use std::u16string, and not -fshort-wchar")))
namespace std {
typedef basic_string<wchar_t> wstring LASTHANDLE_NOT_SHORT;
}
#endif
#define wcslen(text) lasthandle_wcslen(text)
#define wcscpy(to, from) lasthandle_wcscpy(to, from)
#define wcsncpy(to, from, most) lasthandle_wcsncpy(to, from, most)
#define wcscpy_s(to, size, from) lasthandle_wcscpy_s(to, size, from)
#define wcscat(to, from) lasthandle_wcscat(to, from)
#define wcscmp(one, other) lasthandle_wcscmp(one, other)
#define wcsncmp(one, other, most) lasthandle_wcsncmp(one, other, most)
#define _wcsicmp(one, other) lasthandle_wcsicmp(one, other)
#define wcschr(text, unit) lasthandle_wcschr(text, unit)
#define wcsrchr(text, unit) lasthandle_wcsrchr(text, unit)
#define wcsstr(text, part) lasthandle_wcsstr(text, part)
#define wcstoul(text, end, base) lasthandle_wcstoul(text, end, base)
#define _wtoi(text) lasthandle_wtoi(text)
#define fputws(text, file) lasthandle_fputws(text, file)
#define _putws(text) lasthandle_putws(text)
#undef putwchar
#define putwchar(unit) lasthandle_putwchar(unit)
#endif

#endif
