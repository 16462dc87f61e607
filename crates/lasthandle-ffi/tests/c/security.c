/* Security descriptors as programs make them, and what is wrong with others.
 *
 *   security                what each call says
 *   security hold NAME HOW  an event and a mapping of that name, with nothing, a null list, a list or a text; held until
 *                           the input ends
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <sddl.h>

static void result(const char *what, BOOL success)
{
    if (success)
        printf("%s: good\n", what);
    else
        printf("%s: error %u\n", what, (unsigned)GetLastError());
}

static PSID world(void)
{
    SID_IDENTIFIER_AUTHORITY authority = {SECURITY_WORLD_SID_AUTHORITY};
    PSID sid = NULL;
    AllocateAndInitializeSid(&authority, 1, SECURITY_WORLD_RID, 0, 0, 0, 0, 0, 0, 0, &sid);
    return sid;
}

static void codes(void)
{
    static const WCHAR wide[] = {'D', ':', '(', 'A', ';', ';', 'G', 'A', ';', ';', ';', 'W', 'D', ')', 0};
    SID_IDENTIFIER_AUTHORITY nt = {SECURITY_NT_AUTHORITY};
    SECURITY_DESCRIPTOR descriptor, damaged;
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, &damaged, FALSE};
    PSECURITY_DESCRIPTOR made = NULL;
    PSID everybody = world(), other = NULL;
    PACL list = (PACL)calloc(1, 64);
    ULONG size = 0;

    printf("%d bytes\n", (int)sizeof descriptor);
    result("initialize", InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION));
    result("of another revision", InitializeSecurityDescriptor(&damaged, 2));
    result("a null list", SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE));
    result("valid", IsValidSecurityDescriptor(&descriptor));
    damaged = descriptor;
    damaged.Revision = 9;
    result("a list in a damaged one", SetSecurityDescriptorDacl(&damaged, TRUE, NULL, FALSE));
    printf("damaged: %d\n", IsValidSecurityDescriptor(&damaged));
    result("create with a damaged one", CreateEventA(&attributes, FALSE, FALSE, NULL) != NULL);
    attributes.lpSecurityDescriptor = &descriptor;
    result("create", CreateEventA(&attributes, FALSE, FALSE, NULL) != NULL);

    printf("identifier: %d, %u bytes\n", IsValidSid(everybody), (unsigned)GetLengthSid(everybody));
    result("another", AllocateAndInitializeSid(&nt, 2, SECURITY_BUILTIN_DOMAIN_RID, DOMAIN_ALIAS_RID_ADMINS, 0, 0, 0, 0, 0,
                                               0, &other));
    printf("%u bytes\n", (unsigned)GetLengthSid(other));
    result("too long", AllocateAndInitializeSid(&nt, 9, 0, 0, 0, 0, 0, 0, 0, 0, &made));
    result("short list", InitializeAcl(list, 4, ACL_REVISION));
    result("list of another revision", InitializeAcl(list, 64, 9));
    result("list", InitializeAcl(list, 50, ACL_REVISION));
    result("add", AddAccessAllowedAce(list, ACL_REVISION, GENERIC_ALL, everybody));
    result("add another", AddAccessDeniedAce(list, ACL_REVISION, GENERIC_ALL, everybody));
    result("add a third", AddAccessAllowedAce(list, ACL_REVISION, GENERIC_ALL, everybody));
    result("add with another revision", AddAccessAllowedAce(list, 9, GENERIC_ALL, everybody));
    result("use it", SetSecurityDescriptorDacl(&descriptor, TRUE, list, FALSE));
    result("valid", IsValidSecurityDescriptor(&descriptor));
    FreeSid(everybody);
    FreeSid(other);
    free(list);

    result("text", ConvertStringSecurityDescriptorToSecurityDescriptorA("D:(A;;GA;;;WD)", SDDL_REVISION_1, &made, &size));
    printf("valid: %d, %u bytes\n", IsValidSecurityDescriptor(made), (unsigned)size);
    result("changed", SetSecurityDescriptorDacl(made, TRUE, NULL, FALSE));
    printf("freed: %d\n", LocalFree(made) == NULL);
    result("wide text", ConvertStringSecurityDescriptorToSecurityDescriptorW(wide, SDDL_REVISION_1, &made, NULL));
    LocalFree(made);
    made = NULL;
    result("no text", ConvertStringSecurityDescriptorToSecurityDescriptorA(NULL, SDDL_REVISION_1, &made, NULL));
    result("no place", ConvertStringSecurityDescriptorToSecurityDescriptorA("D:", SDDL_REVISION_1, NULL, NULL));
    result("text revision", ConvertStringSecurityDescriptorToSecurityDescriptorA("D:", 2, &made, NULL));
    result("no such type", ConvertStringSecurityDescriptorToSecurityDescriptorA("D:(Q;;GA;;;WD)", 1, &made, NULL));
    printf("not written: %d\n", made == NULL);
}

static int hold(const char *name, const char *how)
{
    SECURITY_DESCRIPTOR descriptor;
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, &descriptor, FALSE};
    PSECURITY_DESCRIPTOR made = NULL;
    PSID everybody = world();
    PACL list = (PACL)malloc(64);
    char event[64], mapping[64];

    InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
    InitializeAcl(list, 64, ACL_REVISION);
    AddAccessAllowedAce(list, ACL_REVISION, GENERIC_ALL, everybody);
    switch (*how) {
    case 'n':
        SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE);
        break;
    case 'l':
        SetSecurityDescriptorDacl(&descriptor, TRUE, list, FALSE);
        break;
    case 't':
        ConvertStringSecurityDescriptorToSecurityDescriptorA(how + 1, SDDL_REVISION_1, &made, NULL);
        attributes.lpSecurityDescriptor = made;
        break;
    }
    snprintf(event, sizeof event, "%s-event", name);
    snprintf(mapping, sizeof mapping, "%s-mapping", name);
    result("event", CreateEventA(&attributes, FALSE, FALSE, event) != NULL);
    result("mapping",
           CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, 4096, mapping) != NULL);
    LocalFree(made);
    FreeSid(everybody);
    free(list);
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 3)
        return hold(argv[2], argv[3]);
    codes();
    return 0;
}
