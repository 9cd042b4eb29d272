using System.Diagnostics;
using TdmEdu.Demo;

namespace TdmEdu.Bench;

/// <summary>A staff that signs in at the same moment on its school's box: every password costs 220,000 rounds, on purpose.</summary>
internal static class SignInBench
{
    private const int People = 30;
    private const double SecondsMax = 15;

    /// <summary>The accounts come over the line; who is refused after that has a wrong password.</summary>
    private static readonly TimeSpan KnownWithin = TimeSpan.FromMinutes(2);

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("bench-signin-").FullName;
        await using var stack = await DemoStack.Start(folder, DemoPorts.Free(), _ => { }, default);
        var school = stack.EdgeUrls.Keys.Last();
        var known = stack.SignIns.Where(s => s.SchoolCode == school).ToList();
        // Some come with a phone and a PC where the school has fewer people.
        var staff = Enumerable.Range(0, People).Select(i => known[i % known.Count]).ToList();
        foreach (var person in known)
        {
            await UntilKnown(stack, school, person);
        }
        var clients = staff.Select(_ => new EdgeClient(stack.EdgeUrls[school], stack.Authority)).ToList();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(staff.Zip(clients, (person, client) => client.SignIn(person.UserName, person.Password, default)));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Console.WriteLine($"signin: {People} sign-ins at once on {Environment.ProcessorCount} cores   {seconds:0.0} s of {SecondsMax:0}");
        clients.ForEach(c => c.Dispose());
        await stack.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    internal static async Task UntilKnown(DemoStack stack, string school, SignIn person)
    {
        using var client = new EdgeClient(stack.EdgeUrls[school], stack.Authority);
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                await client.SignIn(person.UserName, person.Password, default);
                return;
            }
            catch (InvalidOperationException) when (waited.Elapsed < KnownWithin)
            {
                await Task.Delay(1000);
            }
        }
    }
}
