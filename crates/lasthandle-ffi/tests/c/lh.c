/* The functions with the prefix lh_, which are the same on every system. */
#include <stdio.h>
#include <string.h>
#include "lasthandle.h"

/* Objects of ours: on Windows the system's own are listed, too. */
static bool count(const lh_entry *entry, void *context)
{
    *(int *)context += strcmp(entry->name, "Local\\Lh") == 0;
    return true;
}

int main(void)
{
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
    return 0;
}
