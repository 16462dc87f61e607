/* Memory by its address: views, reserved sections, address space of one's own. Prints results, never addresses.
 *
 *   memory            all of it
 *   memory committed  what another process committed in the section "Local\Reserved"
 */
#include <stdio.h>
#include <windows.h>

#define KIB64 0x10000

/* Where a region begins inside its allocation, how long it is, and what it is. */
static void tell(const char *what, const void *address)
{
    MEMORY_BASIC_INFORMATION told;
    if (VirtualQuery(address, &told, sizeof told) != sizeof told)
        printf("%s: error %u\n", what, (unsigned)GetLastError());
    else
        printf("%s: at %lx of allocation %x, %lx bytes, state %x, protect %x, type %x\n", what,
               (unsigned long)((char *)told.BaseAddress - (char *)told.AllocationBase), (unsigned)told.AllocationProtect,
               (unsigned long)told.RegionSize, (unsigned)told.State, (unsigned)told.Protect, (unsigned)told.Type);
}

static void result(const char *what, int success)
{
    if (success)
        printf("%s: good\n", what);
    else
        printf("%s: error %u\n", what, (unsigned)GetLastError());
}

static void protect(const char *what, void *address, SIZE_T size, DWORD wanted)
{
    DWORD old = 0xDEADBEEF;
    BOOL good = VirtualProtect(address, size, wanted, &old);
    printf("%s to %x: ", what, (unsigned)wanted);
    if (good)
        printf("was %x\n", (unsigned)old);
    else
        printf("error %u, %s\n", (unsigned)GetLastError(), old == 0xDEADBEEF ? "not written" : "written");
}

static void views(void)
{
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 3 * KIB64, NULL);
    HANDLE writer = NULL;
    char *view = (char *)MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    char *copy = (char *)MapViewOfFile(mapping, FILE_MAP_COPY, 0, KIB64, 0x2001);
    char *none = (char *)MapViewOfFile(mapping, 0, 0, 0, 0);
    char *again;

    printf("aligned: %d\n", (ULONG_PTR)view % KIB64 + (ULONG_PTR)copy % KIB64 + (ULONG_PTR)none % KIB64 == 0);
    tell("view", view + 0x1234);
    tell("copy", copy);
    tell("no access", none);
    protect("no access", none, 1, PAGE_READONLY);
    protect("no access", none, 1, PAGE_NOACCESS);
    DuplicateHandle(GetCurrentProcess(), mapping, GetCurrentProcess(), &writer, FILE_MAP_WRITE, FALSE, 0);
    result("no access by a write-only handle", MapViewOfFile(writer, 0, 0, 0, 0) != NULL);
    CloseHandle(writer);

    protect("view", view + 0x1FFF, 2, PAGE_READONLY);
    tell("before", view);
    tell("read-only part", view + 0x1000);
    tell("after", view + 0x3000);
    protect("read-only part", view + 0x1000, 0x1000, PAGE_NOACCESS);
    tell("smaller part", view + 0x2000);
    protect("over three parts", view, 0x4000, PAGE_READWRITE);
    view[0x1000] = 1;
    tell("whole again", view);
    protect("view", view, 1, PAGE_EXECUTE_READ);
    protect("view", view, 1, PAGE_EXECUTE_READWRITE);
    protect("view", view, 1, 0);
    protect("view", view, 1, PAGE_READONLY | PAGE_READWRITE);
    protect("nothing of the view", view, 0, PAGE_READONLY);
    protect("past the view", view, 3 * KIB64 + 1, PAGE_READONLY);
    result("without old protection", VirtualProtect(view, 1, PAGE_READONLY, NULL));
    protect("copy", copy, 1, PAGE_READWRITE);
    protect("copy", copy, 1, PAGE_READONLY);
    protect("copy", copy, 1, PAGE_WRITECOPY);
    copy[0] = 7;
    printf("stays private: %d\n", view[KIB64]);

    result("decommit in a view", VirtualFree(view, 0x1000, MEM_DECOMMIT));
    result("release a view", VirtualFree(view, 0, MEM_RELEASE));
    result("unmap", UnmapViewOfFile(none));
    again = (char *)MapViewOfFileEx(mapping, FILE_MAP_READ, 0, 0, 0, none);
    printf("at the same base: %d\n", again == none);
    result("at a base in use", MapViewOfFileEx(mapping, FILE_MAP_READ, 0, 0, 0, again) != NULL);
    result("at a crooked base", MapViewOfFileEx(mapping, FILE_MAP_READ, 0, 0, 0, again + 0x1000) != NULL);
    UnmapViewOfFile(again);
    UnmapViewOfFile(copy);
    UnmapViewOfFile(view);
    CloseHandle(mapping);
}

static void reserved(void)
{
    HANDLE mapping =
        CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, 4 * KIB64, "Local\\Reserved");
    char *one = (char *)MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    char *two = (char *)MapViewOfFile(mapping, FILE_MAP_READ, 0, KIB64, 0);

    tell("reserved", one + 0x1000);
    protect("reserved", one, 1, PAGE_READONLY);
    printf("commit: %d\n", VirtualAlloc(one + KIB64 + 0x10, 0x1000, MEM_COMMIT, PAGE_READWRITE) == one + KIB64);
    tell("before", one);
    tell("committed", one + KIB64);
    tell("after", one + KIB64 + 0x2000);
    tell("in the other view", two);
    tell("behind it", two + 0x2000);
    one[KIB64] = 5;
    printf("in the other view: %d\n", two[0]);
    protect("committed", one + KIB64, 0x1000, PAGE_READONLY);
    protect("beyond what is committed", one + KIB64, 0x3000, PAGE_READONLY);
    printf("again: %d\n", VirtualAlloc(one + KIB64, 0x3000, MEM_COMMIT, PAGE_READWRITE) == one + KIB64);
    printf("still: %d\n", one[KIB64]);
    tell("more", two);
    result("decommit", VirtualFree(one + KIB64, 0x1000, MEM_DECOMMIT));
    result("commit past the view", VirtualAlloc(one, 5 * KIB64, MEM_COMMIT, PAGE_READWRITE) != NULL);
    result("commit to execute", VirtualAlloc(one, 1, MEM_COMMIT, PAGE_EXECUTE_READWRITE) != NULL);
    result("reserve in a view", VirtualAlloc(one, 1, MEM_RESERVE, PAGE_READWRITE) != NULL);
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    UnmapViewOfFile(two);
    UnmapViewOfFile(one);
    CloseHandle(mapping);
}

static void committed(void)
{
    HANDLE mapping = OpenFileMappingA(FILE_MAP_READ, FALSE, "Local\\Reserved");
    char *view = (char *)MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
    tell("elsewhere, reserved", view);
    tell("elsewhere, committed", view + KIB64);
    printf("%d\n", view[KIB64]);
    UnmapViewOfFile(view);
    CloseHandle(mapping);
}

static void own(void)
{
    MEMORY_BASIC_INFORMATION told;
    char *base = (char *)VirtualAlloc(NULL, 4 * KIB64 - 1, MEM_RESERVE, PAGE_READWRITE);
    char *other;

    printf("aligned: %d\n", (ULONG_PTR)base % KIB64 == 0);
    tell("own", base + 5);
    protect("own", base, 1, PAGE_READONLY);
    printf("commit: %d\n", VirtualAlloc(base + 0x2345, 0x1000, MEM_COMMIT, PAGE_READWRITE) == base + 0x2000);
    base[0x3FFF] = 3;
    tell("own, committed", base + 0x2000);
    protect("own", base + 0x2000, 1, PAGE_READONLY);
    tell("own, read-only", base + 0x2000);
    protect("own", base + 0x2000, 0x2000, PAGE_WRITECOPY);
    printf("commit again: %d\n", VirtualAlloc(base, 0x4000, MEM_COMMIT, PAGE_READWRITE) == base);
    printf("kept: %d\n", base[0x3FFF]);
    tell("own, all", base);
    result("decommit", VirtualFree(base + 0x3000, 1, MEM_DECOMMIT));
    tell("own, decommitted", base + 0x3000);
    VirtualAlloc(base + 0x3000, 1, MEM_COMMIT, PAGE_READWRITE);
    printf("gone: %d\n", base[0x3FFF]);
    result("decommit past the end", VirtualFree(base, 5 * KIB64, MEM_DECOMMIT));
    result("decommit nothing inside", VirtualFree(base + 0x1000, 0, MEM_DECOMMIT));
    result("decommit all", VirtualFree(base, 0, MEM_DECOMMIT));
    tell("own, none", base);
    result("release a part", VirtualFree(base, 0x1000, MEM_RELEASE));
    result("release inside", VirtualFree(base + 0x1000, 0, MEM_RELEASE));
    result("release and decommit", VirtualFree(base, 0, MEM_RELEASE | MEM_DECOMMIT));
    result("free nothing", VirtualFree(base, 0, 0));
    result("unmap", UnmapViewOfFile(base));
    result("release", VirtualFree(base, 0, MEM_RELEASE));
    result("release again", VirtualFree(base, 0, MEM_RELEASE));
    VirtualQuery(base, &told, sizeof told);
    printf("free: state %x, protect %x, type %x\n", (unsigned)told.State, (unsigned)told.Protect, (unsigned)told.Type);

    printf("at the same base: %d\n", VirtualAlloc(base + 0x1234, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) == base);
    tell("own, at a base", base);
    result("in use", VirtualAlloc(base, 0x1000, MEM_RESERVE, PAGE_READWRITE) != NULL);
    VirtualFree(base, 0, MEM_RELEASE);
    other = (char *)VirtualAlloc(NULL, 1, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    tell("commit alone reserves, too", other);
    VirtualFree(other, 0, MEM_RELEASE);

    result("no size", VirtualAlloc(NULL, 0, MEM_COMMIT, PAGE_READWRITE) != NULL);
    result("neither", VirtualAlloc(NULL, 1, 0, PAGE_READWRITE) != NULL);
    result("no protection", VirtualAlloc(NULL, 1, MEM_COMMIT, 0) != NULL);
    result("two protections", VirtualAlloc(NULL, 1, MEM_COMMIT, PAGE_READWRITE | PAGE_READONLY) != NULL);
    result("copy", VirtualAlloc(NULL, 1, MEM_COMMIT, PAGE_WRITECOPY) != NULL);
    result("too low", VirtualAlloc((void *)1, 1, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) != NULL);
    result("not reserved", VirtualAlloc(base, 1, MEM_COMMIT, PAGE_READWRITE) != NULL);
    result("too much", VirtualAlloc(NULL, (SIZE_T)1 << 46, MEM_COMMIT, PAGE_READWRITE) != NULL);
    result("no such size", VirtualAlloc(NULL, (SIZE_T)-1, MEM_RESERVE, PAGE_READWRITE) != NULL);
    protect("nobody's", base, 1, PAGE_READONLY);
    result("short", VirtualQuery(base, &told, sizeof told - 1) != 0);
    result("query without a place", VirtualQuery(base, NULL, sizeof told) != 0);
    VirtualQuery(&told, &told, sizeof told);
    printf("stack: state %x, protect %x, type %x\n", (unsigned)told.State, (unsigned)told.Protect, (unsigned)told.Type);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        committed();
        return 0;
    }
    views();
    own();
    reserved();
    return 0;
}
