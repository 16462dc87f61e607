/* Security descriptors as text are declared with the others. */
#include "windows/security.h"
