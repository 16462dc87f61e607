/* Modules: kernel32, by whatever name a program asks for it, and the functions in it. */
#ifndef LASTHANDLE_WINDOWS_MODULE_H
#define LASTHANDLE_WINDOWS_MODULE_H

#include "types.h"

typedef HANDLE HINSTANCE, HMODULE;
typedef INT_PTR(WINAPI *FARPROC)(void);

#ifdef __cplusplus
extern "C" {
#endif

HMODULE WINAPI GetModuleHandleA(LPCSTR name);
HMODULE WINAPI GetModuleHandleW(LPCWSTR name);
HMODULE WINAPI LoadLibraryA(LPCSTR name);
HMODULE WINAPI LoadLibraryW(LPCWSTR name);
BOOL WINAPI FreeLibrary(HMODULE module);
FARPROC WINAPI GetProcAddress(HMODULE module, LPCSTR name);

#ifdef __cplusplus
}
#endif

#define GetModuleHandle LASTHANDLE_AW(GetModuleHandle)
#define LoadLibrary LASTHANDLE_AW(LoadLibrary)

#endif
