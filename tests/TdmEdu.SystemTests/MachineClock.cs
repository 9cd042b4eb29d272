using System.Globalization;

namespace TdmEdu.SystemTests;

/// <summary>A machine's clock as the processes on it see it, by libfaketime. The product does not know; what it waits for passes with the clock.</summary>
internal sealed class MachineClock(string file) : TimeProvider
{
    private TimeSpan ahead;

    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = "/usr/$LIB/faketime/libfaketimeMT.so.1",
        ["FAKETIME_TIMESTAMP_FILE"] = file,
        ["FAKETIME_NO_CACHE"] = "1",
        ["NO_FAKE_STAT"] = "1",
    };

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;

    public void Set(DateTimeOffset now)
    {
        ahead = TimeSpan.FromSeconds((long)(now - System.GetUtcNow()).TotalSeconds);
        File.WriteAllText(file + ".tmp", string.Create(CultureInfo.InvariantCulture, $"+{ahead.TotalSeconds}\n"));
        File.Move(file + ".tmp", file, overwrite: true);
    }
}
