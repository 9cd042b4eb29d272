using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public sealed record Staff(string FullName, string Title);

/// <summary>A named person's sign-in; its id is the staff member's id.</summary>
/// <param name="UserName">Lower case, without tones.</param>
/// <param name="PasswordHash">As <see cref="PasswordHash"/> writes it.</param>
public sealed record Account(string UserName, string PasswordHash, Roles Roles, bool Disabled = false);
