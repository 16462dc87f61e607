/* What the calls about files return, and the last errors that they leave. */
#include <stdio.h>
#include <windows.h>

#define RW (GENERIC_READ | GENERIC_WRITE)
#define SHARED (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define UNTOUCHED 12345

static TCHAR folder[MAX_PATH];

/* A path in the folder for temporary files; good until the next call but three. */
static const TCHAR *path(const TCHAR *name)
{
    static TCHAR paths[4][2 * MAX_PATH];
    static int next;
    TCHAR *to = paths[next++ % 4], *end = to;
    for (const TCHAR *from = folder; *from != 0; from++)
        *end++ = *from;
    while ((*end++ = *name++) != 0)
        ;
    return to;
}

static void say(const char *what, long long result)
{
    printf("%s: %lld %u\n", what, result, (unsigned)GetLastError());
    SetLastError(UNTOUCHED);
}

static HANDLE open_as(const TCHAR *name, DWORD access, DWORD disposition, DWORD flags)
{
    return CreateFile(path(name), access, SHARED, NULL, disposition, flags, NULL);
}

static HANDLE tried(const char *what, const TCHAR *name, DWORD access, DWORD disposition, DWORD flags)
{
    HANDLE file;
    SetLastError(UNTOUCHED);
    file = open_as(name, access, disposition, flags);
    say(what, file != INVALID_HANDLE_VALUE);
    return file;
}

static DWORD size_of(const TCHAR *name)
{
    HANDLE file = open_as(name, GENERIC_READ, OPEN_EXISTING, 0);
    DWORD size = GetFileSize(file, NULL);
    CloseHandle(file);
    return size;
}

static void put(HANDLE file, const char *text)
{
    DWORD written = 77;
    SetLastError(UNTOUCHED);
    say("write", WriteFile(file, text, (DWORD)strlen(text), &written, NULL));
    printf("  %u bytes\n", (unsigned)written);
}

static void get(HANDLE file, DWORD length)
{
    char text[64] = "";
    DWORD read = 77;
    SetLastError(UNTOUCHED);
    say("read", ReadFile(file, text, length, &read, NULL));
    printf("  %u bytes: %.*s\n", (unsigned)read, (int)read, text);
}

static void dispositions(void)
{
    HANDLE file = tried("open what is missing", TEXT("lh-a"), GENERIC_READ, OPEN_EXISTING, 0);
    tried("in a folder that is missing", TEXT("lh-missing\\lh-a"), RW, CREATE_ALWAYS, 0);
    tried("truncate what is missing", TEXT("lh-a"), RW, TRUNCATE_EXISTING, 0);
    file = tried("create new", TEXT("lh-a"), RW, CREATE_NEW, FILE_ATTRIBUTE_NORMAL);
    put(file, "hello");
    CloseHandle(file);
    tried("create new again", TEXT("lh-a"), RW, CREATE_NEW, 0);
    file = tried("open always", TEXT("lh-a"), RW, OPEN_ALWAYS, FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_RANDOM_ACCESS);
    get(file, 60);
    CloseHandle(file);
    CloseHandle(tried("open existing", TEXT("lh-a"), 0, OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN));
    printf("size %u\n", (unsigned)size_of(TEXT("lh-a")));
    CloseHandle(tried("truncate", TEXT("lh-a"), RW, TRUNCATE_EXISTING, 0));
    printf("size %u\n", (unsigned)size_of(TEXT("lh-a")));
    file = open_as(TEXT("lh-a"), RW, OPEN_EXISTING, FILE_FLAG_WRITE_THROUGH);
    put(file, "once more");
    say("flush", FlushFileBuffers(file));
    CloseHandle(file);
    CloseHandle(tried("create always", TEXT("lh-a"), GENERIC_WRITE, CREATE_ALWAYS, FILE_ATTRIBUTE_TEMPORARY));
    printf("size %u\n", (unsigned)size_of(TEXT("lh-a")));
    say("delete", DeleteFile(path(TEXT("lh-a"))));
    say("delete again", DeleteFile(path(TEXT("lh-a"))));
    say("delete in a folder that is missing", DeleteFile(path(TEXT("lh-missing/lh-a"))));
    CloseHandle(tried("create always what is missing", TEXT("lh-a"), RW, CREATE_ALWAYS, 0));
    CloseHandle(tried("open always", TEXT("lh-b"), RW, OPEN_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE));
    tried("deleted when closed", TEXT("lh-b"), RW, OPEN_EXISTING, 0);
    for (DWORD disposition = 0; disposition < 7; disposition += 6)
        tried("no such disposition", TEXT("lh-a"), RW, disposition, 0);
    DeleteFile(path(TEXT("lh-a")));
}

static void rights(void)
{
    HANDLE file = tried("to read", TEXT("lh-r"), GENERIC_READ, CREATE_ALWAYS, 0), copy = NULL;
    put(file, "no");
    say("flush", FlushFileBuffers(file));
    CloseHandle(file);
    file = tried("to write", TEXT("lh-r"), GENERIC_WRITE, OPEN_EXISTING, 0);
    put(file, "12345");
    get(file, 5);
    CloseHandle(file);
    file = tried("to append", TEXT("lh-r"), FILE_APPEND_DATA, OPEN_EXISTING, 0);
    put(file, "678");
    CloseHandle(file);
    file = tried("to look", TEXT("lh-r"), 0, OPEN_EXISTING, 0);
    printf("size %u\n", (unsigned)GetFileSize(file, NULL));
    get(file, 5);
    CloseHandle(file);
    file = open_as(TEXT("lh-r"), RW, OPEN_EXISTING, 0);
    get(file, 2);
    say("duplicate", DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &copy, GENERIC_READ, FALSE, 0));
    CloseHandle(file);
    put(copy, "no");
    get(copy, 3); /* the pointer is the same */
    say("wait", WaitForSingleObject(copy, 0));
    CloseHandle(copy);
    say("closed", CloseHandle(copy));
    get(copy, 1);
    DeleteFile(path(TEXT("lh-r")));
}

static void pointers(void)
{
    HANDLE file = open_as(TEXT("lh-p"), RW, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE);
    LARGE_INTEGER distance, place;
    LONG high = 0;
    SetLastError(UNTOUCHED);
    say("begin", SetFilePointer(file, 10, NULL, FILE_BEGIN));
    say("back", SetFilePointer(file, -4, NULL, FILE_CURRENT));
    say("before the begin", SetFilePointer(file, -7, NULL, FILE_CURRENT));
    say("a method that is none", SetFilePointer(file, 0, NULL, 3));
    say("where", SetFilePointer(file, 0, NULL, FILE_CURRENT));
    say("end of file", SetEndOfFile(file));
    say("end", SetFilePointer(file, 0, NULL, FILE_END));
    high = 1;
    say("far", SetFilePointer(file, 5, &high, FILE_BEGIN));
    printf("  high %d\n", (int)high);
    high = 0;
    say("ends in ones", SetFilePointer(file, -1, &high, FILE_BEGIN));
    printf("  high %d\n", (int)high);
    high = -1;
    say("negative", SetFilePointer(file, -1, &high, FILE_BEGIN));
    printf("  high %d\n", (int)high);
    distance.QuadPart = 0x100000003ll;
    place.QuadPart = 9;
    say("ex", SetFilePointerEx(file, distance, &place, FILE_BEGIN));
    printf("  at %lld\n", (long long)place.QuadPart);
    say("end of file", SetEndOfFile(file));
    high = 7;
    say("size", GetFileSize(file, (LPDWORD)&high));
    printf("  high %d\n", (int)high);
    say("size ex", GetFileSizeEx(file, &place));
    printf("  %lld\n", (long long)place.QuadPart);
    distance.QuadPart = -0x100000004ll;
    say("before the begin", SetFilePointerEx(file, distance, &place, FILE_END));
    printf("  %lld\n", (long long)place.QuadPart);
    distance.QuadPart = -0x100000003ll;
    say("begin", SetFilePointerEx(file, distance, NULL, FILE_END));
    distance.QuadPart = 0xFFFFFFFFll;
    SetFilePointerEx(file, distance, NULL, FILE_BEGIN);
    SetEndOfFile(file);
    SetLastError(UNTOUCHED);
    say("a size of ones", GetFileSize(file, NULL));
    SetFilePointer(file, 3, NULL, FILE_BEGIN);
    SetEndOfFile(file);
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    get(file, 10);
    get(file, 10);
    CloseHandle(file);
}

static void overlapped(void)
{
    HANDLE file = open_as(TEXT("lh-q"), RW, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE);
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    OVERLAPPED at;
    DWORD count = 77;
    char text[16] = "";
    put(file, "0123456789");
    memset(&at, 0, sizeof at);
    at.Offset = 4;
    at.hEvent = event;
    SetLastError(UNTOUCHED);
    say("read at 4", ReadFile(file, text, 3, &count, &at));
    printf("  %u: %s, %u\n", (unsigned)count, text, (unsigned)at.InternalHigh);
    say("event", WaitForSingleObject(event, 0));
    say("result", GetOverlappedResult(file, &at, &count, TRUE));
    get(file, 2); /* behind it */
    at.Offset = 10;
    say("at the end", ReadFile(file, text, 3, &count, &at));
    printf("  %u\n", (unsigned)count);
    at.Offset = 12;
    say("write at 12", WriteFile(file, "xy", 2, &count, &at));
    at.Offset = at.OffsetHigh = 0xFFFFFFFF;
    say("at the end", WriteFile(file, "z", 1, NULL, &at));
    printf("size %u\n", (unsigned)GetFileSize(file, NULL));
    CloseHandle(file);
    CloseHandle(event);
}

static void names(void)
{
    TCHAR name[MAX_PATH];
    DWORD length = GetTempPath(0, NULL);
    HANDLE file;
    SetLastError(UNTOUCHED);
    printf("room for the folder %d\n", length == GetTempPath(MAX_PATH, name) + 1);
    printf("too small %d\n", length == GetTempPath(length - 1, name));
    say("a number", GetTempFileName(folder, TEXT("prefix"), 0x10123, name));
    printf("  %d %d\n", name[length - 1] == 'p' && name[length + 1] == 'e' && name[length + 2] == '1',
           name[length + 5] == '.');
    printf("  not created: %d\n", GetFileAttributes(name) == INVALID_FILE_ATTRIBUTES);
    SetLastError(UNTOUCHED);
    printf("created: %d\n", GetTempFileName(folder, NULL, 0, name) != 0);
    file = CreateFile(name, GENERIC_READ, SHARED, NULL, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    printf("size %u\n", (unsigned)GetFileSize(file, NULL));
    printf("type %u\n", (unsigned)GetFileType(file));
    CloseHandle(file);
    SetLastError(UNTOUCHED);
    say("in no folder", GetTempFileName(path(TEXT("lh-missing")), TEXT("x"), 0, name));
    tried("a folder as a file", TEXT(""), GENERIC_READ, OPEN_EXISTING, 0);
    file = CreateFile(TEXT(""), GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    say("no name", file != INVALID_HANDLE_VALUE);
    CloseHandle(tried("and as a folder", TEXT(""), 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS));
    say("its attribute", GetFileAttributes(folder) & FILE_ATTRIBUTE_DIRECTORY);
    say("attributes of what is missing", GetFileAttributes(path(TEXT("lh-a"))));
    say("delete a folder", DeleteFile(folder));
    file = CreateFile(TEXT("nul"), RW, SHARED, NULL, OPEN_EXISTING, 0, NULL);
    put(file, "nothing");
    get(file, 10);
    printf("type %u\n", (unsigned)GetFileType(file));
    CloseHandle(file);
}

static void standard(void)
{
    HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD written = 0;
    fflush(stdout);
    WriteFile(out, "standard output\n", 16, &written, NULL);
    printf("%u again the same: %d\n", (unsigned)written, out == GetStdHandle(STD_OUTPUT_HANDLE));
    SetLastError(UNTOUCHED);
    say("none", GetStdHandle(5) == INVALID_HANDLE_VALUE);
}

int main(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, TRUE, NULL), none[2];
    GetTempPath(MAX_PATH, folder);
    dispositions();
    rights();
    pointers();
    overlapped();
    names();
    standard();
    SetLastError(UNTOUCHED);
    get(event, 1);
    say("the size of an event", GetFileSize(event, NULL));
    say("the type of an event", GetFileType(event));
    none[0] = event;
    none[1] = open_as(TEXT("lh-w"), RW, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE);
    SetLastError(UNTOUCHED);
    say("wait for both", WaitForMultipleObjects(2, none, TRUE, 0));
    CloseHandle(none[1]);
    CloseHandle(event);
    return 0;
}
