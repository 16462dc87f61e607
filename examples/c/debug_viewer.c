// A monitor of debug output, by the protocol of OutputDebugString: one page with the writer's process and its text, an
// event that says the page is free, one that says it is full.
//
//     debug_viewer COUNT     ends after so many messages
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct
{
    DWORD process;
    char text[4096 - sizeof(DWORD)];
} DEBUG_PAGE;

static void fail(const char *what)
{
    printf("%s failed: %u\n", what, (unsigned)GetLastError());
    exit(1);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 0;
    HANDLE ready, full, map;
    const DEBUG_PAGE *page;

    ready = CreateEventA(NULL, FALSE, FALSE, "DBWIN_BUFFER_READY");
    if (ready == NULL)
        fail("CreateEvent");
    if (GetLastError() == ERROR_ALREADY_EXISTS)
    {
        printf("Another monitor is running.\n");
        return 1;
    }
    full = CreateEventA(NULL, FALSE, FALSE, "DBWIN_DATA_READY");
    if (full == NULL)
        fail("CreateEvent");
    map = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(DEBUG_PAGE), "DBWIN_BUFFER");
    if (map == NULL)
        fail("CreateFileMapping");
    page = (const DEBUG_PAGE *)MapViewOfFile(map, FILE_MAP_READ, 0, 0, 0);
    if (page == NULL)
        fail("MapViewOfFile");

    printf("listening\n");
    fflush(stdout);
    for (int message = 0; count == 0 || message < count; message++)
    {
        SetEvent(ready);
        if (WaitForSingleObject(full, INFINITE) != WAIT_OBJECT_0)
            fail("WaitForSingleObject");
        printf("[%s] %.*s", page->process == GetCurrentProcessId() ? "self" : "other", (int)sizeof page->text,
               page->text);
        fflush(stdout);
    }
    return 0;
}
