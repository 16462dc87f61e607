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

// The right to ask what an object is.
#define LH_MAY_QUERY 1

// The right to signal: set, reset, release, arm. (A mutex is released without it.)
#define LH_MAY_SIGNAL 2

// The right to wait.
#define LH_MAY_WAIT 4

// All rights to an event, mutex, semaphore or timer.
#define LH_MAY_ALL 7

// The rights that the handle has of which a second one is made.
#define LH_SAME 4294967295

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

// Opens the object of that kind (LH_EVENT, LH_MUTEX, LH_SEMAPHORE or LH_TIMER) that has the name, with some rights:
// LH_MAY_WAIT, say, for who only waits. Close it with lh_object_close. 2: nothing has the name; 6: an object of
// another kind has it; 5: not permitted, or no right was asked for; 87: no such kind or right.
//
// Calls without the right fail with 5.
uint32_t lh_object_open(const char *name,
                        uint32_t kind,
                        uint32_t rights,
                        struct lh_object **opened);

// LH_EVENT, LH_MUTEX, LH_SEMAPHORE or LH_TIMER; 0 for null.
uint32_t lh_object_kind(const struct lh_object *any);

// Makes a second handle of the same object, with the same rights (LH_SAME) or fewer, to be closed by itself. The object
// and its name live until the last handle is closed, however the processes that have them end. `inheritable`: whether
// children of this process get it, see lh_object_inherit_value. 5: more rights than the handle has.
uint32_t lh_object_duplicate(const struct lh_object *of,
                             uint32_t rights,
                             bool inheritable,
                             struct lh_object **duplicate);

// Makes a second handle of the same mapping, to be closed by itself; `read_only`: one that maps no view that writes
// through. Otherwise as lh_object_duplicate.
uint32_t lh_mapping_duplicate(const struct lh_mapping *of,
                              bool read_only,
                              bool inheritable,
                              struct lh_mapping **duplicate);

// The number under which a child finds an inheritable handle: to be told to it on its command line, say. Every child that
// is started while the handle is open gets it, and keeps the object alive until it ends or closes it. 6: it is not
// inheritable.
uint32_t lh_object_inherit_value(const struct lh_object *of,
                                 uint64_t *value);

// The same for a mapping.
uint32_t lh_mapping_inherit_value(const struct lh_mapping *of, uint64_t *value);

// In a child: takes over an object of that kind that its parent made inheritable, by the number that the parent was told.
// Each number once: the object is this handle's from here on, and is not inheritable any more. 6: no handle of an object
// of that kind.
uint32_t lh_object_from_inherited(uint64_t value,
                                  uint32_t kind,
                                  struct lh_object **taken);

// The same for a mapping.
uint32_t lh_mapping_from_inherited(uint64_t value, struct lh_mapping **taken);

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

// Creates a mapping over the file with that path (UTF-8, ending in NUL), which must exist, or opens the one that has the
// name. `size` in bytes; 0: the file's. With LH_READ_WRITE a file that is shorter grows, and what views write gets
// there, at the latest when all of them are unmapped and the system pleases, or by lh_view_flush; it stays when the
// processes have ended. With LH_READ_ONLY or LH_COPY_ON_WRITE the file needs only be readable, and never changes. 2: no
// such file; 1006: it is empty, and the size 0; 8: it is shorter, and may not grow.
uint32_t lh_mapping_create_over(const char *name,
                                const char *path,
                                uint64_t size,
                                uint32_t access,
                                struct lh_mapping **mapping,
                                bool *existed);

// Reserves `size` bytes of which no memory is promised before lh_view_commit: for sizes of which a part will be used.
// Otherwise as lh_mapping_create.
uint32_t lh_mapping_reserve(const char *name,
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

// Promises memory for `length` bytes of a view of a reserved mapping, from `offset` on, rounded up to pages: for all
// views, of all processes. There is no way back. 1455: there is not so much.
uint32_t lh_view_commit(const struct lh_view *view,
                        size_t offset,
                        size_t length);

// Unmaps a view: its addresses must not be used any more. Null: nothing happens.
void lh_view_unmap(struct lh_view *view);

// Whether a name keeps the rules, without looking whether anything has it. 0, or what creating and opening say: 6 for
// the empty name, 161 for a leading backslash, 3 for an unknown prefix or a further backslash, 123 for a prefix alone, or
// for more than 32,766 UTF-16 units or no UTF-8; 87 for null.
uint32_t lh_name_check(const char *name);

// Writes a name with its prefix, Local\\ or Global\\, and a NUL: two names mean the same if, and only if, this is the
// same. `length`, which may be null, becomes the bytes of the text without the NUL, also where `capacity`, the bytes of
// `text`, is too small: then the code is 122, and nothing is written to `text`, which may be null.
uint32_t lh_name_format(const char *name,
                        char *text,
                        size_t capacity,
                        size_t *length);

// Writes the name of an event, mutex, semaphore or timer as lh_name_format does; empty if it has none, or came from
// another process.
uint32_t lh_object_name(const struct lh_object *of,
                        char *text,
                        size_t capacity,
                        size_t *length);

// The same for a mapping.
uint32_t lh_mapping_name(const struct lh_mapping *of, char *text, size_t capacity, size_t *length);

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
