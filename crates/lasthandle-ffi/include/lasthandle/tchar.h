/* Text that is narrow, or with UNICODE wide: the names of Windows' <tchar.h>, as far as programs around named objects
 * use them. Wide text has 16-bit units: see windows/wide.h. */
#ifndef LASTHANDLE_TCHAR_H
#define LASTHANDLE_TCHAR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "windows/types.h"
#include "windows/print.h"
#include "windows/wide.h"

#define _T(text) TEXT(text)
#define _TEXT(text) TEXT(text)
typedef TCHAR _TCHAR;

#if defined(UNICODE) || defined(_UNICODE)

#ifdef __cplusplus
#define LASTHANDLE_EXTERN_C extern "C"
#else
#define LASTHANDLE_EXTERN_C
#endif

/* wmain, whatever arguments the program declares for it. */
LASTHANDLE_EXTERN_C int lasthandle_wmain(int count, WCHAR **arguments) __asm__("wmain");

/* Stands where a program defines _tmain: a main that calls it, and the beginning of its definition. */
#define _tmain                                                                                                         \
    main(int count, char **arguments)                                                                                  \
    {                                                                                                                  \
        return lasthandle_wmain(count, lasthandle_wide_arguments(count, arguments));                                   \
    }                                                                                                                  \
    LASTHANDLE_EXTERN_C int wmain

#define _tcslen lasthandle_wcslen
#define _tcscpy lasthandle_wcscpy
#define _tcsncpy lasthandle_wcsncpy
#define _tcscpy_s lasthandle_wcscpy_s
#define _tcscat lasthandle_wcscat
#define _tcscmp lasthandle_wcscmp
#define _tcsncmp lasthandle_wcsncmp
#define _tcsicmp lasthandle_wcsicmp
#define _tcschr lasthandle_wcschr
#define _tcsrchr lasthandle_wcsrchr
#define _tcsstr lasthandle_wcsstr
#define _tcstoul lasthandle_wcstoul
#define _ttoi lasthandle_wtoi
#define _tprintf lasthandle_wprintf
#define _ftprintf lasthandle_fwprintf
#define _sntprintf lasthandle_swprintf
#define _stprintf_s lasthandle_swprintf
#define _putts lasthandle_putws
#define _fputts lasthandle_fputws
#define _puttchar lasthandle_putwchar

#else

static inline int lasthandle_strcpy_s(char *to, size_t size, const char *from)
{
    if (to == NULL || size == 0)
        return EINVAL;
    if (from != NULL && strlen(from) < size) {
        strcpy(to, from);
        return 0;
    }
    to[0] = 0;
    return from == NULL ? EINVAL : ERANGE;
}

#define _tmain main
#define _tcslen strlen
#define _tcscpy strcpy
#define _tcsncpy strncpy
#define _tcscpy_s lasthandle_strcpy_s
#define _tcscat strcat
#define _tcscmp strcmp
#define _tcsncmp strncmp
#define _tcsicmp strcasecmp
#define _tcschr strchr
#define _tcsrchr strrchr
#define _tcsstr strstr
#define _tcstoul strtoul
#define _ttoi atoi
#define _tprintf printf
#define _ftprintf fprintf
#define _sntprintf snprintf
#define _stprintf_s snprintf
#define _putts puts
#define _fputts fputs
#define _puttchar putchar

#endif

#endif
