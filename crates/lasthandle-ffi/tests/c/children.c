/* How children are started: arguments, environment, directory, standard handles, files and mappings over them; and that
 * nothing of it reaches children that are started in another way. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <windows.h>

static char self[1024];
/* Descriptors that somebody left to this program. */
static int at_first;

static HANDLE run(const char *program, const char *line, void *environment, const char *directory, STARTUPINFOA *startup)
{
    STARTUPINFOA none;
    PROCESS_INFORMATION child;
    char copy[2048];
    memset(&none, 0, sizeof(none));
    snprintf(copy, sizeof(copy), "%s", line);
    if (!CreateProcessA(program, copy, NULL, NULL, TRUE, 0, (LPVOID)environment, directory, startup ? startup : &none,
                        &child)) {
        printf("CreateProcess: error %u\n", (unsigned)GetLastError());
        return NULL;
    }
    CloseHandle(child.hThread);
    return child.hProcess;
}

static unsigned code(HANDLE child)
{
    DWORD exit = 0;
    WaitForSingleObject(child, 20000);
    GetExitCodeProcess(child, &exit);
    CloseHandle(child);
    return exit;
}

static HANDLE output_file(const char *name)
{
    SECURITY_ATTRIBUTES attributes;
    attributes.nLength = sizeof(attributes);
    attributes.lpSecurityDescriptor = NULL;
    attributes.bInheritHandle = TRUE;
    return CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, &attributes, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
}

static void show(HANDLE file)
{
    char text[1024];
    DWORD count = 0;
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    ReadFile(file, text, sizeof(text) - 1, &count, NULL);
    text[count] = 0;
    printf("%s", text);
}

/* Says what it was started with. */
static int say(int count, char **words)
{
    const char *one = getenv("ONE"), *home = getenv("HOME");
    char directory[1024];
    for (int index = 0; index < count; index++)
        printf("[%s]", words[index]);
    printf("\n%s %d %s\n", one ? one : "-", home != NULL, getcwd(directory, sizeof(directory)) ? directory : "?");
    return 3;
}

static void arguments(void)
{
    STARTUPINFOA startup;
    HANDLE file = output_file("said");
    char line[2048];
    memset(&startup, 0, sizeof(startup));
    startup.cb = sizeof(startup);
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdOutput = startup.hStdError = file;
    startup.hStdInput = INVALID_HANDLE_VALUE;
    snprintf(line, sizeof(line), "\"%s\" say \"a b\" \\\"c\\\" d\\\\ \"\"", self);
    printf("code %u\n", code(run(NULL, line, (void *)"ONE=1\0TWO=2\0", "/", &startup)));
    show(file);
    CloseHandle(file);
    DeleteFileA("said");
}

/* file FILE MAPPING: the file is written through one, and read through the other */
static int file(char **words)
{
    HANDLE file = (HANDLE)(ULONG_PTR)strtoul(words[0], NULL, 10), mapping = (HANDLE)(ULONG_PTR)strtoul(words[1], NULL, 10);
    char *view = (char *)MapViewOfFile(mapping, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);
    DWORD count = 0;
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    if (view == NULL || !WriteFile(file, "written", 7, &count, NULL) || strncmp(view, "written", 7) != 0)
        return 4;
    memcpy(view, "W", 1);
    return 5;
}

static void files(void)
{
    HANDLE file = output_file("shared"), mapping;
    char line[2048];
    mapping = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 100, NULL);
    SetHandleInformation(mapping, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    snprintf(line, sizeof(line), "x file %u %u", (unsigned)(ULONG_PTR)file, (unsigned)(ULONG_PTR)mapping);
    printf("file %u ", code(run(self, line, NULL, NULL, NULL)));
    show(file);
    printf("\n");
    CloseHandle(mapping);
    CloseHandle(file);
    DeleteFileA("shared");
}

/* How many descriptors above the standard ones it has. */
static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 3; fd < 200; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

static unsigned by_fork_and_exec(const char *verb)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        execl(self, self, verb, (char *)NULL);
        _exit(99);
    }
    waitpid(pid, &status, 0);
    return (unsigned)(WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}

/* A child that executes itself again, and one that has a child by fork and exec: what it inherited is its own. */
static int again(char **words)
{
    HANDLE event = (HANDLE)(ULONG_PTR)strtoul(words[0], NULL, 10);
    if (!SetEvent(event))
        return 20;
    if (by_fork_and_exec("stale") != 0)
        return 21;
    execl(self, self, "stale", (char *)NULL);
    return 22;
}

/* Has nothing, whatever the variables say. */
static int stale(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL);
    int inherited = 0;
    for (unsigned value = 4; value < 400; value += 4)
        inherited += SetEvent((HANDLE)(ULONG_PTR)(4194304u + value));
    return WaitForSingleObject(event, 0) == WAIT_OBJECT_0 ? inherited : 9;
}

static void others(void)
{
    HANDLE event, child;
    char line[2048];
    int before = open_descriptors();
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    SetHandleInformation(event, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    child = run(NULL, "sleep 20", NULL, NULL, NULL);
    printf("by fork and exec: %d descriptors\n", (int)by_fork_and_exec("descriptors") - at_first);
    snprintf(line, sizeof(line), "x again %u", (unsigned)(ULONG_PTR)event);
    printf("executed again: %u", code(run(self, line, NULL, NULL, NULL)));
    printf(", set %u\n", (unsigned)WaitForSingleObject(event, 0));
    TerminateProcess(child, 300);
    printf("terminated: %u\n", code(child));
    CloseHandle(event);
    printf("left open: %d\n", open_descriptors() - before);
}

static int segfault(void)
{
    raise(SIGSEGV);
    return 0;
}

/* The program's own children stay its own, and whoever reaps everything does no harm. */
static void reaping(void)
{
    HANDLE child, opened;
    DWORD found = 0;
    int status = 0;
    pid_t own = fork();
    if (own == 0)
        _exit(17);
    opened = OpenProcess(PROCESS_ALL_ACCESS, FALSE, (DWORD)own);
    WaitForSingleObject(opened, 20000);
    GetExitCodeProcess(opened, &found);
    child = run(NULL, "false", NULL, NULL, NULL);
    printf("own: %u %u", (unsigned)found, code(child));
    printf(" %d", waitpid(own, &status, 0) == own);
    printf(" %d", WEXITSTATUS(status));
    GetExitCodeProcess(opened, &found);
    printf(" %u\n", (unsigned)found);
    CloseHandle(opened);
    printf("signal: %x\n", code(run(self, "x segfault", NULL, NULL, NULL)));
    signal(SIGCHLD, SIG_IGN);
    printf("ignored: %u\n", code(run(NULL, "false", NULL, NULL, NULL)));
    signal(SIGCHLD, SIG_DFL);
    child = run(NULL, "false", NULL, NULL, NULL);
    printf("taken: %d", waitpid(-1, &status, 0) == (pid_t)GetProcessId(child));
    printf(" %u\n", code(child));
    for (int round = 0; round < 20; round++)
        CloseHandle(run(NULL, "true", NULL, NULL, NULL));
    usleep(200000);
    code(run(NULL, "true", NULL, NULL, NULL));
    printf("remains: %d\n", waitpid(-1, &status, WNOHANG));
}

static unsigned refused(const char *program, char *line, const char *directory, DWORD flags, int outputs)
{
    STARTUPINFOA startup;
    PROCESS_INFORMATION child;
    memset(&startup, 0, sizeof(startup));
    SetLastError(0);
    if (CreateProcessA(program, line, NULL, NULL, FALSE, flags, NULL, directory, outputs & 1 ? NULL : &startup,
                       outputs & 2 ? NULL : &child))
        printf("(started)");
    return (unsigned)GetLastError();
}

static void errors(void)
{
    static char line[40000];
    HANDLE plain = CreateFileA("plain", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD count;
    WriteFile(plain, "text", 4, &count, NULL);
    CloseHandle(plain);
    printf("errors: %u", refused("plain", NULL, NULL, 0, 0));
    chmod("plain", 0700);
    printf(" %u", refused("plain", NULL, NULL, 0, 0));
    printf(" %u", refused("plain/x", NULL, NULL, 0, 0));
    printf(" %u", refused("/bin/true", NULL, "plain", 0, 0));
    printf(" %u", refused("/bin/true", NULL, NULL, CREATE_SUSPENDED, 0));
    printf(" %u", refused("/bin/true", NULL, NULL, 0x2000, 0));
    memset(line, 'x', sizeof(line) - 1);
    printf(" %u", refused("/bin/true", line, NULL, 0, 0));
    printf(" %u %u", refused("/bin/true", NULL, NULL, 0, 1), refused("/bin/true", NULL, NULL, 0, 2));
    line[0] = 0;
    printf(" %u %u\n", refused(NULL, line, NULL, 0, 0), refused(NULL, NULL, NULL, 0, 0));
    DeleteFileA("plain");
}

/* A child by fork alone is a process like any other: its parent puts a handle into it; it waits for its parent's children,
 * and starts its own. */
static void forked(void)
{
    HANDLE told = CreateEventA(NULL, TRUE, FALSE, NULL), never = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE given = CreateEventA(NULL, TRUE, FALSE, NULL), both[2], child, copy;
    int pipes[2], status = 0;
    unsigned value = 0;
    pid_t pid;
    both[0] = never;
    both[1] = child = run(NULL, "sleep 20", NULL, NULL, NULL);
    /* The thread that looks for ends is there, and is not in the child. */
    printf("forked: %u", (unsigned)WaitForMultipleObjects(2, both, FALSE, 10));
    fflush(stdout);
    if (pipe(pipes) != 0)
        return;
    pid = fork();
    if (pid == 0) {
        GetCurrentProcessId();
        SetEvent(told);
        if (read(pipes[0], &value, sizeof(value)) != sizeof(value) || !SetEvent((HANDLE)(ULONG_PTR)value))
            _exit(1);
        if (WaitForMultipleObjects(2, both, FALSE, 20000) != 1)
            _exit(2);
        _exit(code(run(NULL, "false", NULL, NULL, NULL)) == 1 ? 6 : 3);
    }
    WaitForSingleObject(told, 20000);
    copy = OpenProcess(PROCESS_DUP_HANDLE, FALSE, (DWORD)pid);
    printf(" %d", DuplicateHandle(GetCurrentProcess(), given, copy, &told, 0, FALSE, DUPLICATE_SAME_ACCESS));
    value = (unsigned)(ULONG_PTR)told;
    printf(" %d", write(pipes[1], &value, sizeof(value)) == sizeof(value));
    printf(" %u", (unsigned)WaitForSingleObject(given, 20000));
    TerminateProcess(child, 8);
    waitpid(pid, &status, 0);
    printf(" %d %u\n", WEXITSTATUS(status), code(child));
    CloseHandle(copy);
}

/* Somebody else may look at a process, and wait for it. */
static void strangers(void)
{
    int status = 0;
    DWORD parent = GetCurrentProcessId();
    pid_t pid;
    if (geteuid() != 0) {
        printf("SKIPPED: only root can become somebody else\n");
        return;
    }
    pid = fork();
    if (pid == 0) {
        HANDLE looks, copy;
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(1);
        looks = OpenProcess(SYNCHRONIZE | PROCESS_QUERY_INFORMATION, FALSE, parent);
        if (looks == NULL || WaitForSingleObject(looks, 0) != WAIT_TIMEOUT)
            _exit(2);
        if (OpenProcess(PROCESS_TERMINATE, FALSE, parent) != NULL || GetLastError() != ERROR_ACCESS_DENIED)
            _exit(3);
        if (OpenProcess(PROCESS_DUP_HANDLE, FALSE, parent) != NULL || GetLastError() != ERROR_ACCESS_DENIED)
            _exit(4);
        if (DuplicateHandle(looks, looks, GetCurrentProcess(), &copy, 0, FALSE, 2) || GetLastError() != ERROR_ACCESS_DENIED)
            _exit(5);
        _exit(7);
    }
    waitpid(pid, &status, 0);
    printf("strangers: %d\n", WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
    snprintf(self, sizeof(self), "%s", argc > 1 ? "/proc/self/exe" : argv[0]);
    if (argc > 1) {
        if (strcmp(argv[1], "say") == 0)
            return say(argc - 2, argv + 2);
        if (strcmp(argv[1], "file") == 0)
            return file(argv + 2);
        if (strcmp(argv[1], "again") == 0)
            return again(argv + 2);
        if (strcmp(argv[1], "stale") == 0)
            return stale();
        if (strcmp(argv[1], "descriptors") == 0)
            return open_descriptors();
        return segfault();
    }
    at_first = open_descriptors();
    /* Files are made beside the program. */
    char folder[1024];
    snprintf(folder, sizeof(folder), "%s", self);
    *strrchr(folder, '/') = 0;
    if (chdir(folder) != 0)
        return 1;
    arguments();
    files();
    others();
    reaping();
    errors();
    forked();
    strangers();
    return 0;
}
