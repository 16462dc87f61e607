/* A parent and its children: handles that they inherit, handles that are put into them and taken out of them, their ends
 * and exit codes. The child's program is this one.
 *
 *   processes        all
 *   processes most   all but starting nothing, of which Wine 8 dies
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static TCHAR self[1024];

static void widen(TCHAR *to, const char *from)
{
    do
        *to++ = (TCHAR)*from;
    while (*from++);
}

/* Starts this program with these arguments. */
static PROCESS_INFORMATION start(const char *arguments, BOOL inherit)
{
    static char line[2048];
    static TCHAR text[2048];
    STARTUPINFO startup;
    PROCESS_INFORMATION child;
    memset(&startup, 0, sizeof(startup));
    memset(&child, 0, sizeof(child));
    startup.cb = sizeof(startup);
    snprintf(line, sizeof(line), "\"the program\" %s", arguments);
    widen(text, line);
    if (!CreateProcess(self, text, NULL, NULL, inherit, 0, NULL, NULL, &startup, &child))
        printf("CreateProcess: error %u\n", (unsigned)GetLastError());
    return child;
}

static unsigned value(HANDLE handle)
{
    return (unsigned)(ULONG_PTR)handle;
}

static HANDLE handle(const char *text)
{
    return (HANDLE)(ULONG_PTR)strtoul(text, NULL, 10);
}

/* The child's exit code, once it has ended, and its handles closed. */
static unsigned ended(PROCESS_INFORMATION *child)
{
    DWORD code = 0;
    HANDLE both[2];
    both[0] = child->hProcess;
    both[1] = child->hThread;
    if (WaitForMultipleObjects(2, both, TRUE, 20000) != WAIT_OBJECT_0)
        printf("the child does not end\n");
    if (!GetExitCodeProcess(child->hProcess, &code))
        printf("GetExitCodeProcess: error %u\n", (unsigned)GetLastError());
    CloseHandle(child->hProcess);
    CloseHandle(child->hThread);
    return code;
}

static HANDLE inheritable_event(BOOL inherit)
{
    SECURITY_ATTRIBUTES attributes;
    attributes.nLength = sizeof(attributes);
    attributes.lpSecurityDescriptor = NULL;
    attributes.bInheritHandle = inherit;
    return CreateEvent(&attributes, FALSE, FALSE, NULL);
}

/* inherited EVENT OTHER MAPPING MUTEX: the second is not inherited, the mutex only to be waited for */
static int inherited(char **words)
{
    HANDLE event = handle(words[0]), other = handle(words[1]), mapping = handle(words[2]), mutex = handle(words[3]);
    char *view = (char *)MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    DWORD flags = 99;
    if (view == NULL)
        return 10;
    if (SetEvent(other) || GetLastError() != ERROR_INVALID_HANDLE)
        return 11;
    if (!GetHandleInformation(event, &flags) || flags != HANDLE_FLAG_INHERIT)
        return 12;
    if (WaitForSingleObject(mutex, 0) != WAIT_OBJECT_0)
        return 13;
    strcpy(view, "from the child");
    if (!SetEvent(event))
        return 14;
    /* The mutex is abandoned. */
    return CloseHandle(event) && CloseHandle(mapping) && CreateEvent(NULL, FALSE, FALSE, NULL) != NULL ? 42 : 15;
}

static void inherit(void)
{
    char line[256];
    HANDLE event = inheritable_event(TRUE), other = inheritable_event(FALSE), mutex = CreateMutex(NULL, FALSE, TEXT("m"));
    HANDLE mapping = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, TEXT("Local\\memory"));
    char *view = (char *)MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    HANDLE both[2];
    PROCESS_INFORMATION child;
    SetHandleInformation(mapping, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    SetHandleInformation(mutex, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    snprintf(line, sizeof(line), "inherited %u %u %u %u", value(event), value(other), value(mapping), value(mutex));
    child = start(line, TRUE);
    both[0] = event;
    both[1] = child.hProcess;
    printf("inherit: %u, %s", (unsigned)WaitForMultipleObjects(2, both, FALSE, 20000), view);
    printf(", exit %u", ended(&child));
    printf(", mutex %u\n", (unsigned)WaitForSingleObject(mutex, 0));
    ReleaseMutex(mutex);
    child = start(line, FALSE);
    printf("without: exit %u\n", ended(&child));
    SetHandleInformation(mapping, HANDLE_FLAG_INHERIT, 0);
    child = start(line, TRUE);
    printf("flag taken back: exit %u\n", ended(&child));
    UnmapViewOfFile(view);
    CloseHandle(mapping);
    CloseHandle(mutex);
    CloseHandle(event);
    CloseHandle(other);
}

/* given: a table of handles lies in a mapping by name, when the event by name is set */
static int given(void)
{
    HANDLE mapping, ready = CreateEvent(NULL, TRUE, FALSE, TEXT("ready"));
    volatile unsigned *table;
    DWORD waited = WaitForSingleObject(ready, 20000);
    mapping = OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, TEXT("table"));
    table = (volatile unsigned *)MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    if (waited != WAIT_OBJECT_0 || table == NULL)
        return 20;
    if (!SetEvent((HANDLE)(ULONG_PTR)table[0]))
        return 21;
    /* May be waited for, not set. */
    if (SetEvent((HANDLE)(ULONG_PTR)table[1]) || GetLastError() != ERROR_ACCESS_DENIED)
        return 22;
    if (WaitForSingleObject((HANDLE)(ULONG_PTR)table[1], 0) != WAIT_OBJECT_0)
        return 23;
    /* The parent itself, and that it may be waited for. */
    if (GetProcessId((HANDLE)(ULONG_PTR)table[2]) != table[3])
        return 24;
    if (WaitForSingleObject((HANDLE)(ULONG_PTR)table[2], 0) != WAIT_TIMEOUT)
        return 25;
    if (!CloseHandle((HANDLE)(ULONG_PTR)table[1]) || CloseHandle((HANDLE)(ULONG_PTR)table[1]))
        return 26;
    return 43;
}

static void give(void)
{
    HANDLE here = GetCurrentProcess(), duplicate = NULL;
    HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL), set = CreateEvent(NULL, TRUE, TRUE, NULL);
    HANDLE ready = CreateEvent(NULL, TRUE, FALSE, TEXT("ready"));
    HANDLE mapping = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, TEXT("table"));
    volatile unsigned *table = (volatile unsigned *)MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    PROCESS_INFORMATION child = start("given", FALSE);
    BOOL good = DuplicateHandle(here, event, child.hProcess, &duplicate, 0, FALSE, DUPLICATE_SAME_ACCESS);
    table[0] = value(duplicate);
    good = good && DuplicateHandle(here, set, child.hProcess, &duplicate, SYNCHRONIZE, FALSE, DUPLICATE_CLOSE_SOURCE);
    table[1] = value(duplicate);
    good = good && DuplicateHandle(here, here, child.hProcess, &duplicate, 0, FALSE, DUPLICATE_SAME_ACCESS);
    table[2] = value(duplicate);
    table[3] = GetCurrentProcessId();
    printf("give: %d, source closed %d", good, !SetEvent(set) && GetLastError() == ERROR_INVALID_HANDLE);
    SetEvent(ready);
    printf(", set %u", (unsigned)WaitForSingleObject(event, 20000));
    printf(", exit %u\n", ended(&child));
    UnmapViewOfFile((LPCVOID)table);
    CloseHandle(mapping);
    CloseHandle(ready);
    CloseHandle(event);
}

/* taken PID EVENT OTHER: takes the first out of that process and closes the second there; then puts one in */
static int taken(char **words)
{
    HANDLE copy, own = CreateEvent(NULL, TRUE, TRUE, NULL), there = NULL, mapping, closed, again;
    volatile unsigned *table;
    DWORD parent_id = (DWORD)strtoul(words[0], NULL, 10);
    HANDLE parent = OpenProcess(PROCESS_DUP_HANDLE | SYNCHRONIZE, FALSE, parent_id);
    HANDLE weak = OpenProcess(SYNCHRONIZE, FALSE, parent_id);
    if (parent == NULL || weak == NULL)
        return 30;
    if (DuplicateHandle(weak, handle(words[1]), GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return 31;
    if (GetLastError() != ERROR_ACCESS_DENIED)
        return 32;
    if (!DuplicateHandle(parent, handle(words[1]), GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return 33;
    if (!DuplicateHandle(parent, handle(words[2]), GetCurrentProcess(), &closed, 0, FALSE,
                         DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE))
        return 34;
    if (DuplicateHandle(parent, handle(words[2]), GetCurrentProcess(), &again, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return 35;
    if (GetLastError() != ERROR_INVALID_HANDLE || !SetEvent(closed))
        return 36;
    if (!DuplicateHandle(GetCurrentProcess(), own, parent, &there, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return 37;
    mapping = OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, TEXT("table"));
    table = (volatile unsigned *)MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    table[0] = value(there);
    return SetEvent(copy) ? 44 : 38;
}

static void take(void)
{
    char line[256];
    HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL), other = CreateEvent(NULL, FALSE, FALSE, NULL);
    HANDLE mapping = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, TEXT("table"));
    volatile unsigned *table = (volatile unsigned *)MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    PROCESS_INFORMATION child;
    snprintf(line, sizeof(line), "taken %u %u %u", (unsigned)GetCurrentProcessId(), value(event), value(other));
    child = start(line, FALSE);
    printf("take: set %u", (unsigned)WaitForSingleObject(event, 20000));
    printf(", exit %u", ended(&child));
    printf(", closed here %d", !SetEvent(other) && GetLastError() == ERROR_INVALID_HANDLE);
    printf(", put in %u\n", (unsigned)WaitForSingleObject((HANDLE)(ULONG_PTR)table[0], 0));
    CloseHandle((HANDLE)(ULONG_PTR)table[0]);
    UnmapViewOfFile((LPCVOID)table);
    CloseHandle(mapping);
    CloseHandle(event);
}

static void ends(void)
{
    DWORD code = 0, waited;
    HANDLE never = CreateEvent(NULL, FALSE, FALSE, NULL), both[2], opened, weak = NULL;
    PROCESS_INFORMATION child = start("sleep", FALSE);
    opened = OpenProcess(PROCESS_QUERY_INFORMATION | SYNCHRONIZE, FALSE, child.dwProcessId);
    printf("runs: %u", (unsigned)WaitForSingleObject(child.hProcess, 0));
    printf(" %d", GetExitCodeProcess(child.hProcess, &code));
    printf(" %u, same %d\n", (unsigned)code, GetProcessId(opened) == child.dwProcessId);
    printf("no right: %d", TerminateProcess(opened, 7));
    printf(" %u, wrong kind: ", (unsigned)GetLastError());
    printf("%d", TerminateProcess(child.hThread, 7));
    printf(" %u\n", (unsigned)GetLastError());
    both[0] = never;
    both[1] = child.hProcess;
    printf("not yet: %u", (unsigned)WaitForMultipleObjects(2, both, FALSE, 20));
    printf(", terminate %d", TerminateProcess(child.hProcess, 77));
    waited = WaitForMultipleObjects(2, both, FALSE, 20000);
    printf(", any %u", (unsigned)waited);
    waited = WaitForMultipleObjects(2, both, TRUE, 20);
    printf(", all %u", (unsigned)waited);
    GetExitCodeProcess(opened, &code);
    printf(", code %u", (unsigned)code);
    printf(", again %d", TerminateProcess(child.hProcess, 78));
    printf(" %u\n", (unsigned)GetLastError());
    DuplicateHandle(GetCurrentProcess(), child.hProcess, GetCurrentProcess(), &weak, 0, FALSE, 0);
    printf("no rights: %u", (unsigned)WaitForSingleObject(weak, 0));
    printf(" %u\n", (unsigned)GetLastError());
    CloseHandle(weak);
    CloseHandle(opened);
    CloseHandle(never);
    ended(&child);
    printf("none: %d", OpenProcess(SYNCHRONIZE, FALSE, 0) == NULL);
    printf(" %u", (unsigned)GetLastError());
    printf(" %d", OpenProcess(SYNCHRONIZE, FALSE, 0x7FFFFFFC) == NULL);
    printf(" %u\n", (unsigned)GetLastError());
    DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(), GetCurrentProcess(), &opened, 0, FALSE, 2);
    printf("self: %d %u", GetProcessId(opened) == GetCurrentProcessId(), (unsigned)WaitForSingleObject(opened, 10));
    both[0] = both[1] = opened;
    printf(" %u\n", (unsigned)WaitForMultipleObjects(1, both, FALSE, 10));
    CloseHandle(opened);
}

static unsigned refused(const char *program, const char *line, const char *directory, DWORD flags)
{
    static TCHAR texts[3][256];
    STARTUPINFO startup;
    PROCESS_INFORMATION child;
    memset(&startup, 0, sizeof(startup));
    startup.cb = sizeof(startup);
    if (program)
        widen(texts[0], program);
    if (line)
        widen(texts[1], line);
    if (directory)
        widen(texts[2], directory);
    if (CreateProcess(program ? texts[0] : NULL, line ? texts[1] : NULL, NULL, NULL, FALSE, flags, NULL,
                      directory ? texts[2] : NULL, &startup, &child))
        return 0;
    return (unsigned)GetLastError();
}

static void refuse(BOOL nothing)
{
    printf("refused:");
    if (nothing)
        printf(" %u", refused(NULL, NULL, NULL, 0));
    printf(" %u", refused(NULL, "no_such_program_anywhere x", NULL, 0));
    printf(" %u", refused("no_such_directory/program.exe", NULL, NULL, 0));
    printf(" %u", refused("no_such_program.exe", NULL, NULL, 0));
    printf(" %u\n", refused(NULL, "no_such_program_anywhere x", NULL, 0x18));
}

int main(int argc, char **argv)
{
    BOOL most = argc > 1 && strcmp(argv[1], "most") == 0;
    widen(self, argc == 1 || most ? argv[0] : "");
    if (argc > 1 && !most) {
        if (strcmp(argv[1], "inherited") == 0)
            return inherited(argv + 2);
        if (strcmp(argv[1], "given") == 0)
            return given();
        if (strcmp(argv[1], "taken") == 0)
            return taken(argv + 2);
        Sleep(20000);
        return 1;
    }
    inherit();
    give();
    take();
    ends();
    refuse(!most);
    return 0;
}
