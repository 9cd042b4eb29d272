namespace TdmEdu.Modules.Shell;

/// <summary>A host must not start with the data as it is; a person has to act. The message says what to do, in both languages.</summary>
public sealed class StartRefusedException(string vietnamese, string english) : Exception($"{vietnamese} / {english}");
