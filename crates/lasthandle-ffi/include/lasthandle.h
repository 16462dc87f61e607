/* Named shared memory and sync objects with the Windows object model, on Linux and Windows.
 *
 * Generated from crates/lasthandle-ffi by cbindgen: change it there, then run the tests with UPDATE_HEADER=1.
 *
 * Every function that can fail returns 0, or the error code that Windows gives its call (2: not found, 5: access
 * denied, 6: wrong kind, 87: invalid parameter, ...); lh_error_message then says what failed, why, and what helps. What a
 * failed function should have written is not written.
 *
 * A pointer to an lh_ type comes from the function that makes one, and belongs to the caller until it is given to the
 * function that closes it, once. Null is refused with 6; any other pointer is not checked. Every function may be called
 * from any thread, and several at once for the same object, but for closing it. A mutex belongs to the thread that took
 * it.
 *
 * Names are UTF-8, end in NUL, and mean what they mean in Windows: Local\X, Global\X, or X, which is Local\X. Null in
 * place of a name makes an object without one. Times are in nanoseconds.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A file mapping.
#define LH_MAPPING 1

// An event.
#define LH_EVENT 2

// A mutex.
#define LH_MUTEX 3

// A semaphore.
#define LH_SEMAPHORE 4

// A waitable timer.
#define LH_TIMER 5

// Anything else that has a name, or an object that could not be asked.
#define LH_OTHER 0

// Read.
#define LH_READ_ONLY 0

// Read and write what others see.
#define LH_READ_WRITE 1

// Read what others see; what is written stays private.
#define LH_COPY_ON_WRITE 2

// A timeout that never comes. Any other is in nanoseconds.
#define LH_FOREVER UINT64_MAX

// The object, or all of them, were signaled, and taken.
#define LH_SIGNALED 0

// The same, and one of them is a mutex whose owner ended without releasing it.
#define LH_ABANDONED 1

// The time was up; nothing was taken.
#define LH_TIMED_OUT 2

// A handle of a file mapping.
typedef struct lh_mapping lh_mapping;

// A handle of an event, mutex, semaphore or timer.
typedef struct lh_object lh_object;

// A view of a file mapping: memory.
typedef struct lh_view lh_view;

// One object that exists.
typedef struct lh_entry {
  // Its name with its prefix, in UTF-8; valid during the visit.
  const char *name;
  // LH_MAPPING, LH_EVENT, ...
  uint32_t kind;
  // How many hold it: processes on Linux, handles on Windows; 0 where the system does not tell.
  uint32_t holders;
  // A mapping's bytes.
  uint64_t size;
} lh_entry;

// How a wait ended.
typedef struct lh_waited {
  // LH_SIGNALED, LH_ABANDONED or LH_TIMED_OUT.
  uint32_t outcome;
  // Which object it was, in a wait for any of several; else 0.
  uint32_t index;
} lh_waited;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// What went wrong in the last `lh_` function of this thread that failed, as a sentence in UTF-8; null if none did. Valid
// until the next one fails.
const char *lh_error_message(void);

// Calls `visit` with each object that this user may see, and `context`, until it says false.
uint32_t lh_list(bool (*visit)(const struct lh_entry *entry, void *context), void *context);

// Creates a mapping of `size` bytes of memory that views can read and write, or opens the one that has the name, as it
// is. `existed`, which may be null, says which. Close it with lh_mapping_close.
//
// Memory is zeroed, and promised: running out is error 1455 here, never a fault later.
uint32_t lh_mapping_create(const char *name,
                           uint64_t size,
                           struct lh_mapping **mapping,
                           bool *existed);

// Opens the mapping that has the name: to read (LH_READ_ONLY, LH_COPY_ON_WRITE) or to write, too. Close it with
// lh_mapping_close.
uint32_t lh_mapping_open(const char *name,
                         uint32_t access,
                         struct lh_mapping **mapping);

// The size in bytes, as it was created (on Windows, of memory: rounded up to pages); 0 for null.
uint64_t lh_mapping_size(const struct lh_mapping *mapping);

// Closes a handle. The name lives until the last handle of all processes is closed; views keep the memory. Null:
// nothing happens.
void lh_mapping_close(struct lh_mapping *mapping);

// Maps `length` bytes (0: to the end) from `offset` on, which needs no alignment. Unmap it with lh_view_unmap.
uint32_t lh_view_map(const struct lh_mapping *mapping,
                     uint32_t access,
                     uint64_t offset,
                     uint64_t length,
                     struct lh_view **view);

// The first byte of a view; null for null. Others may write there at any time; writing to a read-only view faults.
void *lh_view_address(const struct lh_view *view);

// The length of a view in bytes; 0 for null.
size_t lh_view_length(const struct lh_view *view);

// Writes changed bytes to the file behind the mapping, if there is one, and waits until they are there. Others see them
// without that.
uint32_t lh_view_flush(const struct lh_view *view,
                       size_t offset,
                       size_t length);

// Unmaps a view: its addresses must not be used any more. Null: nothing happens.
void lh_view_unmap(struct lh_view *view);

// Creates an event, or opens the one that has the name, as it is; `existed`, which may be null, says which. A
// `manual_reset` event stays set until it is reset; any other lets one waiter go for each set. Close it with
// lh_object_close, as all objects.
uint32_t lh_event_create(const char *name,
                         bool manual_reset,
                         bool signaled,
                         struct lh_object **event,
                         bool *existed);

// Opens the event that has the name.
uint32_t lh_event_open(const char *name, struct lh_object **event);

// Sets an event: lets one waiter go, or all if it is a manual-reset one.
uint32_t lh_event_set(const struct lh_object *event);

// Resets an event.
uint32_t lh_event_reset(const struct lh_object *event);

// Lets those go who wait at this moment, and leaves the event unset.
uint32_t lh_event_pulse(const struct lh_object *event);

// Creates a mutex, which the calling thread owns from the start if `owned`; or opens the one that has the name, which
// is not taken then. When its owner ends without releasing it, the next who waits for it gets it, and is told so.
uint32_t lh_mutex_create(const char *name,
                         bool owned,
                         struct lh_object **mutex,
                         bool *existed);

// Opens the mutex that has the name.
uint32_t lh_mutex_open(const char *name, struct lh_object **mutex);

// Releases a mutex once; 288 if the calling thread does not own it.
uint32_t lh_mutex_release(const struct lh_object *mutex);

// Creates a semaphore with that count, from 0 to `maximum`, which is at least 1; or opens the one that has the name.
uint32_t lh_semaphore_create(const char *name,
                             int32_t initial,
                             int32_t maximum,
                             struct lh_object **semaphore,
                             bool *existed);

// Opens the semaphore that has the name.
uint32_t lh_semaphore_open(const char *name, struct lh_object **semaphore);

// Adds to a semaphore's count; 298 past its maximum, and then nothing changes. `previous`, which may be null: the count
// before.
uint32_t lh_semaphore_release(const struct lh_object *semaphore,
                              int32_t count,
                              uint32_t *previous);

// Creates a timer, not armed, or opens the one that has the name. A `manual_reset` timer stays signaled until it is armed
// anew; any other lets one waiter go each time it is due.
uint32_t lh_timer_create(const char *name,
                         bool manual_reset,
                         struct lh_object **timer,
                         bool *existed);

// Opens the timer that has the name.
uint32_t lh_timer_open(const char *name, struct lh_object **timer);

// Arms a timer: due that many nanoseconds from now, and then every `period` nanoseconds (0: once; on Windows rounded
// up to milliseconds).
uint32_t lh_timer_arm(const struct lh_object *timer,
                      uint64_t after,
                      uint64_t period);

// Arms a timer: due at that time of the wall clock, in nanoseconds since 1970.
uint32_t lh_timer_arm_at(const struct lh_object *timer, uint64_t time, uint64_t period);

// Stops a timer; whether it is signaled stays as it is.
uint32_t lh_timer_cancel(const struct lh_object *timer);

// Closes a handle of an event, mutex, semaphore or timer. Null: nothing happens.
void lh_object_close(struct lh_object *object);

// Waits for an object, and takes it: resets an auto-reset event or timer, takes one of a semaphore, owns a mutex.
uint32_t lh_wait(const struct lh_object *waited_for,
                 uint64_t timeout,
                 struct lh_waited *waited);

// Waits for any of at most 64 objects, and takes the first that is signaled, in their order.
uint32_t lh_wait_any(const struct lh_object *const *objects,
                     size_t count,
                     uint64_t timeout,
                     struct lh_waited *waited);

// Waits until all of at most 64 objects are signaled at one instant, and takes them all.
uint32_t lh_wait_all(const struct lh_object *const *objects,
                     size_t count,
                     uint64_t timeout,
                     struct lh_waited *waited);

// Signals one object (sets an event, releases a mutex or one of a semaphore), then waits for another. If the signal
// fails, nothing is waited for.
uint32_t lh_signal_and_wait(const struct lh_object *signal,
                            const struct lh_object *waited_for,
                            uint64_t timeout,
                            struct lh_waited *waited);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus
