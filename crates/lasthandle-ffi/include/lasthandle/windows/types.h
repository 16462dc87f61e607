/* Windows' types, in the sizes that they have there. */
#ifndef LASTHANDLE_WINDOWS_TYPES_H
#define LASTHANDLE_WINDOWS_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WINAPI
#define __cdecl
#define __stdcall
#define CALLBACK
#define APIENTRY
#define CONST const
#define FAR
#define NEAR
#define IN
#define OUT
#define OPTIONAL

#ifndef VOID
#define VOID void
#endif

typedef int32_t BOOL, *PBOOL, *LPBOOL;
typedef unsigned char BYTE, *PBYTE, *LPBYTE, UCHAR, *PUCHAR, BOOLEAN, *PBOOLEAN;
typedef char CHAR, *PCHAR, *PSTR, *LPSTR, *LPCH;
typedef const char *PCSTR, *LPCSTR;
typedef int16_t SHORT, *PSHORT;
typedef uint16_t WORD, *PWORD, *LPWORD, USHORT, *PUSHORT;
typedef int32_t INT, *PINT, *LPINT, INT32;
typedef uint32_t UINT, *PUINT, *LPUINT, UINT32;
/* 32 bits, as in Windows: not long, which has 64 here. */
typedef int32_t LONG, *PLONG, *LPLONG, LONG32;
typedef uint32_t ULONG, *PULONG, DWORD, *PDWORD, *LPDWORD, DWORD32;
/* long long, not int64_t, which is long: programs print them with %lld. */
#define __int64 long long
typedef __int64 LONGLONG, *PLONGLONG, LONG64, *PLONG64, INT64, *PINT64;
typedef unsigned __int64 ULONGLONG, *PULONGLONG, DWORDLONG, DWORD64, *PDWORD64, ULONG64, *PULONG64, UINT64, *PUINT64;
typedef int8_t INT8;
typedef uint8_t UINT8;
typedef int16_t INT16;
typedef uint16_t UINT16;
typedef intptr_t INT_PTR, LONG_PTR;
typedef uintptr_t UINT_PTR, ULONG_PTR, *PULONG_PTR, DWORD_PTR, *PDWORD_PTR;
typedef size_t SIZE_T, *PSIZE_T;
typedef ptrdiff_t SSIZE_T;
typedef float FLOAT;
typedef double DOUBLE;
typedef void *PVOID, *LPVOID, *HANDLE, **PHANDLE, **LPHANDLE;
typedef const void *LPCVOID;

/* A UTF-16 unit. With -fshort-wchar, wchar_t is one, and L"..." is text for the wide calls. Without, it is not: then
 * write u"...", which is; L"..." is a type error where a wide call wants text. */
#if __WCHAR_MAX__ <= 0xFFFF
typedef wchar_t WCHAR;
#elif defined(__cplusplus)
typedef char16_t WCHAR;
#else
typedef uint16_t WCHAR;
#endif
typedef WCHAR *PWCHAR, *PWSTR, *LPWSTR;
typedef const WCHAR *PCWSTR, *LPCWSTR;

#if defined(UNICODE) || defined(_UNICODE)
#if __WCHAR_MAX__ > 0xFFFF
#error "UNICODE needs 16-bit wide characters: compile with -fshort-wchar"
#endif
typedef WCHAR TCHAR, *PTSTR, *LPTSTR;
typedef const WCHAR *PCTSTR, *LPCTSTR;
#define LASTHANDLE_TEXT(text) L##text
#define TEXT(text) LASTHANDLE_TEXT(text) /* twice: what is a macro itself is replaced first */
#define LASTHANDLE_AW(name) name##W
#else
typedef char TCHAR, *PTSTR, *LPTSTR;
typedef const char *PCTSTR, *LPCTSTR;
#define TEXT(text) text
#define LASTHANDLE_AW(name) name##A
#endif

typedef union _LARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        LONG HighPart;
    };
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        DWORD HighPart;
    };
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

typedef struct _SECURITY_ATTRIBUTES {
    DWORD nLength;
    LPVOID lpSecurityDescriptor;
    BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

#ifndef FALSE
#define FALSE 0
#endif
#ifndef TRUE
#define TRUE 1
#endif
#define MAX_PATH 260
#define MAXDWORD 0xFFFFFFFFu
#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)

#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))
#define ARRAYSIZE(array) (sizeof(array) / sizeof *(array))
#define LOBYTE(word) ((BYTE)((DWORD_PTR)(word) & 0xFF))
#define HIBYTE(word) ((BYTE)((DWORD_PTR)(word) >> 8 & 0xFF))
#define LOWORD(number) ((WORD)((DWORD_PTR)(number) & 0xFFFF))
#define HIWORD(number) ((WORD)((DWORD_PTR)(number) >> 16 & 0xFFFF))
#define MAKEWORD(low, high) ((WORD)((BYTE)(low) | (WORD)((BYTE)(high)) << 8))
#define MAKELONG(low, high) ((LONG)((WORD)(low) | (DWORD)((WORD)(high)) << 16))

#define DELETE 0x00010000u
#define READ_CONTROL 0x00020000u
#define WRITE_DAC 0x00040000u
#define WRITE_OWNER 0x00080000u
#define SYNCHRONIZE 0x00100000u
#define STANDARD_RIGHTS_REQUIRED 0x000F0000u
#define MAXIMUM_ALLOWED 0x02000000u
#define GENERIC_ALL 0x10000000u
#define GENERIC_EXECUTE 0x20000000u
#define GENERIC_WRITE 0x40000000u
#define GENERIC_READ 0x80000000u

#endif
