/* Clocks, the machine, modules, atomic operations. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

typedef DWORD(WINAPI *pid_function)(void);

static void clocks(void)
{
    LARGE_INTEGER frequency, before, after;
    FILETIME first, second;
    printf("%d %d\n", QueryPerformanceFrequency(&frequency), QueryPerformanceCounter(&before));
    GetSystemTimeAsFileTime(&first);
    Sleep(30);
    GetSystemTimeAsFileTime(&second);
    QueryPerformanceCounter(&after);
    printf("ten million: %d\n", frequency.QuadPart == 10000000);
    printf("slept: %d\n", (after.QuadPart - before.QuadPart) * 1000 / frequency.QuadPart >= 29);
    LONGLONG passed = ((LONGLONG)second.dwHighDateTime << 32 | second.dwLowDateTime) -
                      ((LONGLONG)first.dwHighDateTime << 32 | first.dwLowDateTime);
    printf("by the clock: %d\n", passed >= 290000);
    /* 2020 and 2100. */
    printf("this century: %d\n", first.dwHighDateTime > 30785856 && first.dwHighDateTime < 36663296);
}

static void machine(void)
{
    SYSTEM_INFO info, native;
    memset(&info, 0xEE, sizeof info);
    GetSystemInfo(&info);
    GetNativeSystemInfo(&native);
    printf("%d bytes, the same: %d\n", (int)sizeof info, memcmp(&info, &native, sizeof info) == 0);
    printf("page %u, granularity %u\n", (unsigned)info.dwPageSize, (unsigned)info.dwAllocationGranularity);
    printf("processors: %d, mask: %d\n", info.dwNumberOfProcessors > 0,
           info.dwNumberOfProcessors >= 64 ||
               info.dwActiveProcessorMask == ((DWORD_PTR)1 << info.dwNumberOfProcessors) - 1);
    printf("addresses: %d\n", info.lpMinimumApplicationAddress == (LPVOID)0x10000 &&
                                  (LPVOID)&info < info.lpMaximumApplicationAddress);
    printf("known: %d\n", info.wProcessorArchitecture != PROCESSOR_ARCHITECTURE_UNKNOWN);
}

static void not_found(const char *what, int found)
{
    printf("%s: %d, error %u\n", what, found, (unsigned)GetLastError());
    SetLastError(0);
}

static void modules(void)
{
    static const WCHAR wide[] = {'K', 'e', 'r', 'n', 'e', 'l', '3', '2', '.', 'D', 'l', 'l', 0};
    HMODULE kernel = GetModuleHandleA("kernel32");
    pid_function pid;
    FARPROC found = GetProcAddress(kernel, "GetCurrentProcessId");
    printf("there: %d\n", kernel != NULL && kernel != GetModuleHandleA(NULL));
    printf("the same: %d %d %d\n", GetModuleHandleA("KERNEL32.DLL") == kernel, GetModuleHandleW(wide) == kernel,
           LoadLibraryA("kernel32.dll") == kernel);
    memcpy(&pid, &found, sizeof pid);
    printf("works: %d\n", pid != NULL && pid() == GetCurrentProcessId());
    printf("free: %d\n", FreeLibrary(kernel));
    printf("program: %d\n", GetModuleHandleW(NULL) == GetModuleHandleA(NULL));
    SetLastError(0);
    not_found("module", GetModuleHandleA("no such module") != NULL);
    not_found("library", LoadLibraryW(wide + 1) != NULL);
    not_found("function", GetProcAddress(kernel, "NoSuchFunction") != NULL);
    not_found("libc's", GetProcAddress(kernel, "fork") != NULL);
    not_found("ordinal", GetProcAddress(kernel, (LPCSTR)0xFFFE) != NULL);
    not_found("in the program", GetProcAddress(NULL, "CreateEventA") != NULL);
    not_found("elsewhere", GetProcAddress((HMODULE)0x12340000, "CreateEventA") != NULL);
    not_found("free nothing", FreeLibrary(NULL));
}

static void says(LONG64 value)
{
    printf(" %lld", (long long)value);
}

static void atomics(void)
{
    LONG volatile number = 5;
    LONG64 volatile large = 1;
    PVOID volatile pointer = NULL;
    says(InterlockedIncrement(&number));
    says(InterlockedDecrement(&number));
    says(InterlockedExchange(&number, 9));
    says(InterlockedExchangeAdd(&number, 3));
    says(InterlockedCompareExchange(&number, 1, 11));
    says(InterlockedCompareExchange(&number, 7, 12));
    says(InterlockedOr(&number, 8));
    says(InterlockedAnd(&number, 3));
    says(InterlockedXor(&number, 1));
    says(number);
    puts("");
    says(InterlockedExchangeAdd64(&large, (LONG64)1 << 40));
    says(InterlockedIncrement64(&large));
    says(InterlockedExchangePointer(&pointer, (PVOID)&number) == NULL);
    says(InterlockedCompareExchangePointer(&pointer, NULL, (PVOID)&number) == (PVOID)&number);
    says(pointer == NULL);
    puts("");
    MemoryBarrier();
    YieldProcessor();
}

int main(void)
{
    clocks();
    machine();
    modules();
    atomics();
    return 0;
}
