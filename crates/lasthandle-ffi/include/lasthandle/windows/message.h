/* Messages for error codes, and texts with values put in. */
#ifndef LASTHANDLE_WINDOWS_MESSAGE_H
#define LASTHANDLE_WINDOWS_MESSAGE_H

#include <stdarg.h>

#include "types.h"

#define FORMAT_MESSAGE_MAX_WIDTH_MASK 0x000000FFu
#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100u
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200u
#define FORMAT_MESSAGE_FROM_STRING 0x00000400u
#define FORMAT_MESSAGE_FROM_HMODULE 0x00000800u
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000u
#define FORMAT_MESSAGE_ARGUMENT_ARRAY 0x00002000u

/* Languages are accepted wherever one is asked for; the messages are in English. */
#define MAKELANGID(primary, secondary) ((((WORD)(secondary)) << 10) | (WORD)(primary))
#define LANG_NEUTRAL 0x00
#define LANG_ENGLISH 0x09
#define SUBLANG_NEUTRAL 0x00
#define SUBLANG_DEFAULT 0x01
#define SUBLANG_SYS_DEFAULT 0x02
#define SUBLANG_ENGLISH_US 0x01

#ifdef __cplusplus
extern "C" {
#endif

DWORD WINAPI FormatMessageA(DWORD flags, LPCVOID source, DWORD code, DWORD language, LPSTR buffer, DWORD length,
                            va_list *arguments);
DWORD WINAPI FormatMessageW(DWORD flags, LPCVOID source, DWORD code, DWORD language, LPWSTR buffer, DWORD length,
                            va_list *arguments);

#ifdef __cplusplus
}
#endif

#define FormatMessage LASTHANDLE_AW(FormatMessage)

#endif
