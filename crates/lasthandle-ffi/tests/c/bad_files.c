/* Nothing that a program hands to the calls about files and messages may crash it or leave something open. */
#include <stdio.h>
#include <windows.h>

static unsigned long long state = 88172645463325252ull;

static unsigned long long next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static int calls(HANDLE handle)
{
    char buffer[16];
    DWORD count = 0;
    LARGE_INTEGER large;
    OVERLAPPED at;
    int good = 0;
    memset(&at, 0, sizeof at);
    large.QuadPart = (LONGLONG)next();
    good += ReadFile(handle, buffer, sizeof buffer, &count, NULL) + ReadFile(handle, buffer, 0, &count, &at);
    good += WriteFile(handle, buffer, sizeof buffer, &count, NULL) + WriteFile(handle, buffer, 0, &count, &at);
    good += SetFilePointer(handle, (LONG)next(), NULL, (DWORD)next()) != INVALID_SET_FILE_POINTER;
    good += SetFilePointerEx(handle, large, &large, FILE_CURRENT) + SetEndOfFile(handle) + FlushFileBuffers(handle);
    good += (GetFileSize(handle, NULL) != INVALID_FILE_SIZE) + GetFileSizeEx(handle, &large);
    good += GetFileType(handle) != FILE_TYPE_UNKNOWN;
    if (handle != NULL)
        good += CreateFileMappingA(handle, NULL, PAGE_READWRITE, 0, 4096, NULL) != NULL;
    return good;
}

static HANDLE open_as(const char *path, DWORD access, DWORD share, DWORD disposition)
{
    return CreateFileA(path, access, share, NULL, disposition, FILE_FLAG_DELETE_ON_CLOSE, NULL);
}

int main(void)
{
    static const char *paths[] = {"", "C:\\lh-none\\x", "\\\\?\\", "lh-none/x", "\\", "/lh-none/\xFF", ".", "..\\", NULL};
    char folder[MAX_PATH], path[MAX_PATH], text[8];
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL), mutex = CreateMutexA(NULL, TRUE, NULL), file, mapping;
    int good = 0, opened = 0;
    GetTempPathA(MAX_PATH, folder);
    GetTempFileNameA(folder, "bad", 0, path);
    DeleteFileA(path);

    for (int round = 0; round < 3000; round++) {
        HANDLE handle = (HANDLE)(ULONG_PTR)(next() >> (next() % 64));
        if (handle == GetCurrentProcess() || ((ULONG_PTR)handle | 3) == ((ULONG_PTR)event | 3) ||
            ((ULONG_PTR)handle | 3) == ((ULONG_PTR)mutex | 3))
            continue;
        good += calls(handle);
    }
    printf("forged: %d\n", good);
    printf("of other kinds: %d\n", calls(event) + calls(mutex) + calls(NULL));

    good = 0;
    for (int index = 0; paths[index] != NULL; index++) {
        good += open_as(paths[index], GENERIC_READ | GENERIC_WRITE, 0, OPEN_EXISTING) != INVALID_HANDLE_VALUE;
        good += DeleteFileA(paths[index]);
        good += index < 4 && GetTempFileNameA(paths[index], "x", 0, path + 200) != 0;
    }
    for (DWORD disposition = 6; disposition != 0; disposition <<= 1)
        good += open_as(path, GENERIC_READ, 0, disposition) != INVALID_HANDLE_VALUE;
    for (DWORD share = 8; share != 0; share <<= 1)
        good += open_as(path, GENERIC_READ, share, CREATE_ALWAYS) != INVALID_HANDLE_VALUE;
    printf("paths and flags: %d\n", good);

    good = 0;
    for (DWORD flag = 1; flag != 0; flag <<= 1)
        if (flag != FORMAT_MESSAGE_FROM_STRING && flag != FORMAT_MESSAGE_FROM_SYSTEM)
            good += FormatMessageA(flag, NULL, 5, 0, text, 0, NULL) != 0;
    good += FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM, NULL, 5, 0, text, sizeof text, NULL) != 0;
    good += FormatMessageA(FORMAT_MESSAGE_FROM_STRING, "%1", 0, 0, text, sizeof text, NULL) != 0;
    printf("messages: %d\n", good);

    /* More than a process can have open at once. */
    for (int round = 0; round < 2000; round++) {
        DWORD count;
        file = open_as(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_DELETE, CREATE_NEW);
        opened += file != INVALID_HANDLE_VALUE && WriteFile(file, path, 8, &count, NULL) && count == 8;
        mapping = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
        CloseHandle(file);
        opened += mapping != NULL && CloseHandle(mapping);
    }
    printf("opened: %d\n", opened);
    return 0;
}
