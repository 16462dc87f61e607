/* Addresses that are nobody's, null in every place, and flags that do not exist: nothing crashes, nothing succeeds. */
#include <stdio.h>
#include <windows.h>
#include <sddl.h>

static unsigned long long state = 88172645463325252ull;

static unsigned long long next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static int forged_addresses(void)
{
    int good = 0, told = 0;
    for (int round = 0; round < 20000; round++) {
        MEMORY_BASIC_INFORMATION information;
        LPVOID address = (LPVOID)(ULONG_PTR)(next() >> (next() % 64));
        SIZE_T size = (SIZE_T)(next() >> (next() % 64));
        DWORD flags = (DWORD)next(), old = 0;
        good += VirtualFree(address, 0, MEM_RELEASE) + VirtualFree(address, size, MEM_DECOMMIT);
        good += VirtualFree(address, size, flags) + VirtualProtect(address, size, PAGE_READONLY, &old);
        good += VirtualProtect(address, size, PAGE_READONLY, NULL) + VirtualProtect(address, size, flags, &old);
        good += VirtualAlloc(address, size, flags | 1, PAGE_READWRITE) != NULL;
        good += VirtualAlloc(address, size, MEM_COMMIT, flags | 0x100) != NULL;
        good += UnmapViewOfFile(address) + FlushViewOfFile(address, size);
        /* Whatever lies there, it begins no later, and ends behind. */
        if (round < 2000 && VirtualQuery(address, &information, sizeof information) != 0)
            told += (char *)information.BaseAddress > (char *)address ||
                    (char *)information.BaseAddress + information.RegionSize <= (char *)address;
    }
    return good + told;
}

static int null_everywhere(void)
{
    PSECURITY_DESCRIPTOR made;
    PSID sid;
    int good = 0;
    InitializeCriticalSection(NULL);
    EnterCriticalSection(NULL);
    LeaveCriticalSection(NULL);
    DeleteCriticalSection(NULL);
    GetSystemInfo(NULL);
    GetSystemTimeAsFileTime(NULL);
    good += InitializeCriticalSectionAndSpinCount(NULL, 1) + InitializeCriticalSectionEx(NULL, 1, 0);
    good += TryEnterCriticalSection(NULL) + (SetCriticalSectionSpinCount(NULL, 1) != 0);
    good += QueryPerformanceCounter(NULL) + QueryPerformanceFrequency(NULL);
    good += (VirtualQuery(NULL, NULL, 0) != 0) + (VirtualAlloc(NULL, 0, 0, 0) != NULL) + VirtualFree(NULL, 0, 0);
    good += VirtualFree(NULL, 0, MEM_RELEASE) + VirtualProtect(NULL, 0, 0, NULL);
    good += InitializeSecurityDescriptor(NULL, 1) + SetSecurityDescriptorDacl(NULL, TRUE, NULL, FALSE);
    good += IsValidSecurityDescriptor(NULL) + InitializeAcl(NULL, 64, 2) + AddAccessAllowedAce(NULL, 2, 0, NULL);
    good += AllocateAndInitializeSid(NULL, 1, 0, 0, 0, 0, 0, 0, 0, 0, &sid) + IsValidSid(NULL);
    good += (GetLengthSid(NULL) != 0) + (FreeSid(NULL) != NULL) + (LocalFree(NULL) != NULL);
    good += ConvertStringSecurityDescriptorToSecurityDescriptorW(NULL, 1, &made, NULL);
    good += ConvertStringSecurityDescriptorToSecurityDescriptorA("D:", 1, NULL, NULL);
    good += (LoadLibraryA(NULL) != NULL) + (GetProcAddress(NULL, NULL) != NULL) + FreeLibrary(NULL);
    return good;
}

/* Beginnings, ends and changes of a text that is good. */
static int damaged_texts(void)
{
    static const char good_text[] = "O:BAG:S-1-5-18D:P(A;OICI;GRGW;;;WD)(D;;0x2;;;NU)S:(ML;;NW;;;LW)";
    int invalid = 0;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof good_text];
        PSECURITY_DESCRIPTOR made = NULL;
        memcpy(text, good_text, sizeof text);
        for (int change = 0; change < 3; change++) {
            char *at = &text[next() % (sizeof text - 1)];
            if (next() % 4 == 0)
                *at = (char)next();
            else
                *at = ":;()SDAGW-10 "[next() % 13];
        }
        if (ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1, &made, NULL))
            invalid += !IsValidSecurityDescriptor(made);
        else
            invalid += made != NULL || GetLastError() == 0;
        LocalFree(made);
    }
    return invalid;
}

int main(void)
{
    printf("addresses: %d\n", forged_addresses());
    printf("null: %d\n", null_everywhere());
    printf("texts: %d\n", damaged_texts());
    return 0;
}
