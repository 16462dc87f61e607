/* The functions with the prefix lh_, which are the same on every system. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lasthandle.h"

/* Objects of ours: on Windows the system's own are listed, too. */
static bool count(const lh_entry *entry, void *context)
{
    *(int *)context += strcmp(entry->name, "Local\\Lh") == 0;
    return true;
}

/* A child that takes over what its parent made inheritable. */
static int child(char **values)
{
    lh_object *event = NULL, *again = NULL;
    lh_mapping *mapping = NULL;
    lh_view *view = NULL;
    printf("child: %u", lh_object_from_inherited(strtoull(values[0], NULL, 10), LH_EVENT, &event));
    printf(" %u", lh_mapping_from_inherited(strtoull(values[1], NULL, 10), &mapping));
    printf(" %u %u", lh_object_inherit_value(event, NULL), lh_object_from_inherited(0, LH_MAPPING, &again));
    printf(" %u", lh_view_map(mapping, LH_READ_ONLY, 0, 0, &view));
    printf(" %s %u\n", (const char *)lh_view_address(view), lh_event_set(event));
    fflush(stdout);
    lh_view_unmap(view);
    lh_mapping_close(mapping);
    lh_object_close(event);
    return 0;
}

static void handles(const char *program)
{
    lh_object *event = NULL, *waits = NULL, *heir = NULL, *none = NULL;
    lh_mapping *mapping = NULL, *reader = NULL, *kept = NULL;
    lh_view *view = NULL;
    lh_waited waited;
    unsigned long long values[2] = {0, 0};
    uint64_t value = 7;
    char command[1000];

    lh_event_create("Local\\LhEvent", true, false, &event, NULL);
    printf("%u", lh_object_open("LhEvent", LH_EVENT, LH_MAY_WAIT, &waits));
    printf(" %u %u", lh_object_kind(waits) == LH_EVENT, lh_object_kind(NULL));
    printf(" %u %u", lh_event_set(waits), lh_wait(waits, 0, &waited));
    printf(" %u %u %u", lh_object_open("LhEvent", LH_MUTEX, LH_MAY_ALL, &none), lh_object_open("LhEvent", LH_EVENT, 8, &none),
        lh_object_open("LhEvent", 9, LH_MAY_ALL, &none));
    printf(" %u", lh_object_open("LhEvent", LH_EVENT, 0, &none));
    printf(" %u", lh_object_duplicate(waits, LH_MAY_ALL, false, &none));
    lh_object_close(waits);
    printf(" %u", lh_object_duplicate(event, LH_MAY_SIGNAL, false, &waits));
    printf(" %u %u", lh_event_set(waits), lh_wait(waits, 0, &waited));
    printf(" %u %d\n", lh_object_inherit_value(event, &value), (int)value);

    lh_mapping_create(NULL, 100, &mapping, NULL);
    lh_view_map(mapping, LH_READ_WRITE, 0, 0, &view);
    strcpy((char *)lh_view_address(view), "inherited");
    lh_view_unmap(view);
    view = NULL;
    printf("%u", lh_mapping_duplicate(mapping, true, false, &reader));
    printf(" %u", lh_view_map(reader, LH_READ_WRITE, 0, 0, &view));
    printf(" %u", lh_mapping_duplicate(mapping, false, true, &kept));
    printf(" %u\n", lh_object_duplicate(event, LH_SAME, true, &heir));
    lh_event_reset(event);
    if (lh_object_inherit_value(heir, &value) == 0)
        values[0] = value;
    if (lh_mapping_inherit_value(kept, &value) == 0)
        values[1] = value;
    snprintf(command, sizeof command, "%s child %llu %llu", program, values[0], values[1]);
    fflush(stdout);
    printf("%d", system(command));
    printf(" %u", lh_wait(event, 0, &waited));
    printf(" %u\n", waited.outcome);
    lh_object_close(event);
    lh_object_close(waits);
    lh_object_close(heir);
    lh_mapping_close(mapping);
    lh_mapping_close(reader);
    lh_mapping_close(kept);
}

static void names(void)
{
    static const char *const all[] = {"x", "Global\\x", "", "\\x", "a\\b", "Local\\", "\xFF", NULL};
    char text[12] = "untouched";
    size_t length = 99;
    lh_object *event = NULL;
    for (int index = 0; index < 8; index++)
        printf("%u ", lh_name_check(all[index]));
    printf("%u", lh_name_format("x", text, sizeof text, &length));
    printf(" %s %u;", text, (unsigned)length);
    printf(" %u", lh_name_format("longer", text, sizeof text, &length));
    printf(" %s %u;", text, (unsigned)length);
    printf(" %u %u;", lh_name_format("longer", NULL, 0, &length), lh_name_format("", text, sizeof text, &length));
    lh_event_create("n", true, false, &event, NULL);
    printf(" %u", lh_object_name(event, text, sizeof text, NULL));
    printf(" %s %u\n", text, lh_mapping_name(NULL, text, sizeof text, NULL));
    lh_object_close(event);
}

static void files(void)
{
    const char *folder = getenv("TMPDIR");
    char path[1000], read[6] = "";
    lh_mapping *mapping = NULL, *again = NULL;
    lh_view *view = NULL;
    bool existed = true;
    FILE *file;
    snprintf(path, sizeof path, "%s/lh-file", folder != NULL ? folder : ".");
    remove(path);
    printf("%u", lh_mapping_create_over(NULL, path, 0, LH_READ_WRITE, &mapping, NULL));
    file = fopen(path, "wb");
    fclose(file);
    printf(" %u", lh_mapping_create_over(NULL, path, 0, LH_READ_WRITE, &mapping, NULL));
    printf(" %u", lh_mapping_create_over(NULL, path, 10, LH_READ_ONLY, &mapping, NULL));
    printf(" %u", lh_mapping_create_over(NULL, NULL, 10, LH_READ_ONLY, &mapping, NULL));
    printf(" %u", lh_mapping_create_over("LhFile", path, 10, LH_READ_WRITE, &mapping, &existed));
    printf(" %d", existed);
    printf(" %u", lh_mapping_open("LhFile", LH_READ_WRITE, &again));
    printf(" %u", lh_view_map(again, LH_READ_WRITE, 0, 0, &view));
    strcpy((char *)lh_view_address(view), "saved");
    printf(" %u", lh_view_flush(view, 0, 5));
    lh_view_unmap(view);
    lh_mapping_close(mapping);
    lh_mapping_close(again);
    file = fopen(path, "rb");
    printf(" %d %s\n", (int)fread(read, 1, 5, file), read);
    fclose(file);
    remove(path);

    printf("%u", lh_mapping_reserve(NULL, 1 << 30, &mapping, NULL));
    printf(" %u", lh_view_map(mapping, LH_READ_WRITE, 0, 1 << 20, &view));
    printf(" %u", lh_view_commit(view, 4096, 10));
    ((char *)lh_view_address(view))[5000] = 1;
    printf(" %u\n", lh_view_commit(view, 1 << 20, 10));
    lh_view_unmap(view);
    lh_mapping_close(mapping);
}

int main(int argc, char **argv)
{
    if (argc > 3)
        return child(argv + 2);
    lh_mapping *mapping = NULL, *again = NULL;
    lh_view *view = NULL;
    lh_object *event = NULL, *mutex = NULL, *semaphore = NULL, *timer = NULL;
    lh_waited waited = {9, 9};
    bool existed = true;
    int entries = 0;

    printf("%u", lh_mapping_create("Local\\Lh", 4096, &mapping, &existed));
    printf(" %d %llu\n", existed, (unsigned long long)lh_mapping_size(mapping));
    printf("%u", lh_mapping_open("Lh", LH_READ_ONLY, &again));
    printf(" %u", lh_view_map(again, LH_READ_WRITE, 0, 0, &view));
    printf(" %s\n", strstr(lh_error_message(), "Lh") ? "named" : lh_error_message());
    printf("%u", lh_view_map(mapping, LH_READ_WRITE, 8, 0, &view));
    strcpy((char *)lh_view_address(view), "text");
    printf(" %zu\n", lh_view_length(view));

    printf("%u", lh_event_create(NULL, false, true, &event, NULL));
    printf(" %u", lh_mutex_create(NULL, false, &mutex, NULL));
    printf(" %u", lh_semaphore_create(NULL, 1, 1, &semaphore, NULL));
    printf(" %u\n", lh_timer_create(NULL, true, &timer, NULL));
    const lh_object *all[] = {event, mutex, semaphore, timer};
    printf("%u", lh_wait_all(all, 4, 0, &waited));
    printf(" %u;", waited.outcome);
    printf(" %u", lh_timer_arm(timer, 1000000, 0));
    printf(" %u", lh_wait_all(all, 4, LH_FOREVER, &waited));
    printf(" %u;", waited.outcome);
    printf(" %u", lh_wait_any(all, 3, 0, &waited));
    printf(" %u at %u\n", waited.outcome, waited.index);
    printf("%u %u %u\n", lh_semaphore_release(semaphore, 2, NULL), lh_event_set(mutex), lh_event_set(NULL));
    printf("%u %u", lh_event_open("missing", &event), lh_mutex_create("Local\\Lh", false, &mutex, NULL));
    printf(" %u %u\n", lh_event_open(NULL, &event), lh_event_create(NULL, false, false, NULL, NULL));
    printf("%u", lh_list(count, &entries));
    printf(" %d\n", entries);

    lh_view_unmap(view);
    lh_mapping_close(mapping);
    lh_mapping_close(again);
    lh_mapping_close(NULL);
    for (int index = 0; index < 4; index++)
        lh_object_close((lh_object *)all[index]);
    handles(argv[0]);
    names();
    files();
    return 0;
}
