// What OutputDebugString does: hands a text to the monitor, if there is one. Its rights are the least that do.
//
//     debug_output TEXT...
#include <windows.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
    DWORD process;
    char text[4096 - sizeof(DWORD)];
} DEBUG_PAGE;

static BOOL output(const char *text)
{
    HANDLE mutex, map, ready, full;
    DEBUG_PAGE *page = NULL;
    BOOL sent = FALSE;

    // One writer at a time, across all processes.
    mutex = CreateMutexA(NULL, FALSE, "DBWinMutex");
    if (mutex == NULL)
        return FALSE;
    WaitForSingleObject(mutex, INFINITE);

    map = OpenFileMappingA(FILE_MAP_WRITE, FALSE, "DBWIN_BUFFER");
    ready = OpenEventA(SYNCHRONIZE, FALSE, "DBWIN_BUFFER_READY");
    full = OpenEventA(EVENT_MODIFY_STATE, FALSE, "DBWIN_DATA_READY");
    if (map != NULL && ready != NULL && full != NULL)
        page = (DEBUG_PAGE *)MapViewOfFile(map, FILE_MAP_WRITE, 0, 0, 0);
    if (page != NULL && WaitForSingleObject(ready, 10000) == WAIT_OBJECT_0)
    {
        page->process = GetCurrentProcessId();
        strncpy(page->text, text, sizeof page->text - 1);
        page->text[sizeof page->text - 1] = '\0';
        sent = SetEvent(full);
    }

    if (page != NULL)
        UnmapViewOfFile(page);
    if (full != NULL)
        CloseHandle(full);
    if (ready != NULL)
        CloseHandle(ready);
    if (map != NULL)
        CloseHandle(map);
    ReleaseMutex(mutex);
    CloseHandle(mutex);
    return sent;
}

int main(int argc, char **argv)
{
    char line[1024];
    for (int index = 1; index < argc; index++)
    {
        snprintf(line, sizeof line, "%s\n", argv[index]);
        if (!output(line))
        {
            printf("nobody listens\n");
            return 1;
        }
    }
    return 0;
}
