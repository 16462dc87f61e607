/* Mappings over files: who may make them, how large they are, and what they leave in the file.
 *
 *   filemap                  the rules, one after another
 *   filemap server FILE      lays a named mapping over the file, says so, and waits for the end of its input
 *   filemap client           finds it by name, changes it
 */
#include <stdio.h>
#include <windows.h>

#define RW (GENERIC_READ | GENERIC_WRITE)
#define SHARED (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define UNTOUCHED 12345

static char name[MAX_PATH];

static void say(const char *what, long long result)
{
    printf("%s: %lld %u\n", what, result, (unsigned)GetLastError());
    SetLastError(UNTOUCHED);
}

static HANDLE open_file(DWORD access, DWORD disposition)
{
    HANDLE file = CreateFileA(name, access, SHARED, NULL, disposition, FILE_ATTRIBUTE_NORMAL, NULL);
    SetLastError(UNTOUCHED);
    return file;
}

static void fill(const char *text)
{
    HANDLE file = open_file(RW, CREATE_ALWAYS);
    DWORD written;
    WriteFile(file, text, (DWORD)strlen(text), &written, NULL);
    CloseHandle(file);
}

static DWORD size(void)
{
    HANDLE file = open_file(GENERIC_READ, OPEN_EXISTING);
    DWORD size = GetFileSize(file, NULL);
    CloseHandle(file);
    return size;
}

static void try_to_map(const char *what, DWORD access, DWORD protect, DWORD length)
{
    HANDLE file = open_file(access, OPEN_EXISTING);
    HANDLE mapping = CreateFileMappingA(file, NULL, protect, 0, length, NULL);
    say(what, mapping != NULL);
    CloseHandle(file);
    if (mapping != NULL)
        CloseHandle(mapping);
}

static void refusals(void)
{
    fill("");
    try_to_map("an empty file", RW, PAGE_READWRITE, 0);
    try_to_map("an empty file, only to read", GENERIC_READ, PAGE_READONLY, 0);
    fill("12345");
    try_to_map("read-only, to write", GENERIC_READ, PAGE_READWRITE, 0);
    try_to_map("read-only, to read", GENERIC_READ, PAGE_READONLY, 0);
    try_to_map("read-only, copy on write", GENERIC_READ, PAGE_WRITECOPY, 0);
    try_to_map("write-only, to read", GENERIC_WRITE, PAGE_READONLY, 0);
    try_to_map("write-only, to write", GENERIC_WRITE, PAGE_READWRITE, 0);
    try_to_map("no access", 0, PAGE_READONLY, 0);
    try_to_map("larger, only to read", RW, PAGE_READONLY, 6);
    try_to_map("larger, copy on write", RW, PAGE_WRITECOPY, 6);
    try_to_map("no protection", RW, 0, 0);
    try_to_map("two protections", RW, PAGE_READONLY | PAGE_READWRITE, 0);
    printf("size %u\n", (unsigned)size());
    try_to_map("smaller", RW, PAGE_READWRITE, 3);
    printf("size %u\n", (unsigned)size());
    try_to_map("larger", RW, PAGE_READWRITE, 9);
    printf("size %u\n", (unsigned)size());
}

static void contents(void)
{
    HANDLE file, mapping, reading;
    char *view, *copy, text[16] = "";
    DWORD count = 0;
    fill("0123456789");
    file = open_file(RW, OPEN_EXISTING);
    mapping = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    say("created", mapping != NULL);
    view = (char *)MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    say("mapped", view != NULL);
    copy = (char *)MapViewOfFile(mapping, FILE_MAP_COPY, 0, 0, 0);
    memcpy(view + 2, "ab", 2);
    copy[0] = 'x';
    printf("%.10s %.10s\n", view, copy);
    say("flush", FlushViewOfFile(view, 0));
    reading = open_file(GENERIC_READ, OPEN_EXISTING);
    say("read", ReadFile(reading, text, 15, &count, NULL));
    printf("%u %s\n", (unsigned)count, text);
    CloseHandle(reading);
    CloseHandle(mapping);
    SetFilePointer(file, 1, NULL, FILE_BEGIN);
    SetLastError(UNTOUCHED);
    say("the file goes on", WriteFile(file, "c", 1, &count, NULL));
    CloseHandle(file);
    printf("%.10s %.10s\n", view, copy);
    view[9] = 'e';
    say("unmap", UnmapViewOfFile(view));
    say("unmap", UnmapViewOfFile(copy));
    file = open_file(RW, OPEN_EXISTING);
    memset(text, 0, sizeof text);
    ReadFile(file, text, 15, &count, NULL);
    printf("%u %s\n", (unsigned)count, text);
    CloseHandle(file);
}

static void named(void)
{
    HANDLE file, mapping, again, opened;
    char *view;
    fill("12345");
    file = open_file(RW, OPEN_EXISTING);
    mapping = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 70000, "Local\\filemap-rules");
    say("named", mapping != NULL);
    again = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, "Local\\filemap-rules");
    say("again", again != NULL);
    CloseHandle(again);
    CloseHandle(file);
    again = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 10, "Local\\filemap-rules");
    say("again, over memory", again != NULL);
    CloseHandle(again);
    opened = OpenFileMappingA(FILE_MAP_READ, FALSE, "Local\\filemap-rules");
    SetLastError(UNTOUCHED);
    say("write with a handle to read", MapViewOfFile(opened, FILE_MAP_WRITE, 0, 0, 0) != NULL);
    view = (char *)MapViewOfFile(opened, FILE_MAP_READ, 0, 65536, 0);
    say("its second part", view != NULL);
    printf("%d\n", view[0]);
    UnmapViewOfFile(view);
    say("beyond the end", MapViewOfFile(opened, FILE_MAP_READ, 0, 65536, 8193) != NULL);
    CloseHandle(opened);
    CloseHandle(mapping);
    opened = OpenFileMappingA(FILE_MAP_READ, FALSE, "Local\\filemap-rules");
    say("gone", opened != NULL);
    printf("size %u\n", (unsigned)size());
}

static int server(const char *path)
{
    HANDLE file = CreateFileA(path, RW, SHARED, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    HANDLE mapping = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 256, "Local\\filemap");
    char *view = (char *)MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 256);
    if (view == NULL) {
        printf("error %u\n", (unsigned)GetLastError());
        return 1;
    }
    CloseHandle(file);
    strcpy(view, "from the server");
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    puts(view);
    return 0; /* what is open is closed with the process */
}

static int client(void)
{
    HANDLE mapping = OpenFileMappingA(FILE_MAP_WRITE | FILE_MAP_READ, FALSE, "Local\\filemap");
    char *view = (char *)MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    if (view == NULL) {
        printf("error %u\n", (unsigned)GetLastError());
        return 1;
    }
    puts(view);
    strcpy(view, "from the client");
    UnmapViewOfFile(view);
    CloseHandle(mapping);
    return 0;
}

int main(int argc, char **argv)
{
    char folder[MAX_PATH];
    if (argc > 2)
        return server(argv[2]);
    if (argc > 1)
        return client();
    GetTempPathA(MAX_PATH, folder);
    GetTempFileNameA(folder, "map", 0, name);
    refusals();
    contents();
    named();
    SetLastError(UNTOUCHED);
    say("delete", DeleteFileA(name));
    return 0;
}
