using System.Globalization;
using TdmEdu.Central.Schools;

namespace TdmEdu.Demo;

/// <summary>Central, Meeting and an EdgeNode for each of the demo's schools, as processes on this machine, with a line that can be cut.</summary>
public sealed class DemoStack : IAsyncDisposable
{
    private const string LockName = "lock";
    private readonly string folder;
    private readonly Action<string> say;
    private readonly IReadOnlyDictionary<string, string> more;
    private readonly TimeProvider clock;
    private readonly Dictionary<string, HostProcess> edges = [];
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> edgeSettings = [];
    private readonly Dictionary<string, string> centralSettings;
    private HostProcess? central;
    private HostProcess? meeting;

    private DemoStack(string folder, DemoPorts ports, Action<string> say, IReadOnlyDictionary<string, string> more, TimeProvider clock)
    {
        (this.folder, this.say, this.more, this.clock) = (folder, say, more, clock);
        CentralUrl = Url(ports.CentralWeb);
        MeetingUrl = Url(ports.Meeting);
        EdgeUrls = DemoCity.Schools.Zip(ports.Edges, (s, port) => (s.Code, port)).ToDictionary(e => e.Code, e => Url(e.port));
        EnrolmentUrl = Url(ports.CentralEnrolment);
        Line = new Relay(ports.CentralDevices);
        centralSettings = new(more)
        {
            ["Central:DataDir"] = CentralData,
            ["Central:Bind"] = "127.0.0.1",
            ["Central:WebPort"] = Number(ports.CentralWeb),
            ["Central:DevicePort"] = Number(ports.CentralDevices),
            ["Central:EnrolmentPort"] = Number(ports.CentralEnrolment),
        };
    }

    public Uri CentralUrl { get; }

    public Uri MeetingUrl { get; }

    /// <summary>Where boxes join and renew.</summary>
    public Uri EnrolmentUrl { get; }

    /// <summary>By school code.</summary>
    public IReadOnlyDictionary<string, Uri> EdgeUrls { get; }

    public Relay Line { get; }

    public IReadOnlyList<SignIn> SignIns { get; private set; } = [];

    public string CentralData => Path.Combine(folder, "central");

    public static IReadOnlyList<string> SchoolNames { get; } = [.. DemoCity.Schools.Select(s => s.Name)];

    /// <summary>The certificate of the department's CA, made at Central's first start.</summary>
    public string Authority => Path.Combine(CentralData, "ca", "ca.pem");

    /// <summary>Process ids by name: "central", "meeting" and the schools' codes.</summary>
    public IReadOnlyDictionary<string, int> ProcessIds =>
        edges.ToDictionary(e => e.Key, e => e.Value.Id).Append(new("central", central!.Id)).Append(new("meeting", meeting!.Id)).ToDictionary();

    public string EdgeData(string school) => Path.Combine(folder, "edges", school);

    /// <param name="more">Further settings of every host.</param>
    /// <param name="clock">The hosts' own, where it is not this program's.</param>
    public static async Task<DemoStack> Start(
        string folder, DemoPorts ports, Action<string> say, CancellationToken cancel, IReadOnlyDictionary<string, string>? more = null, TimeProvider? clock = null)
    {
        Directory.CreateDirectory(folder);
        var stack = new DemoStack(folder, ports, say, more ?? new Dictionary<string, string>(), clock ?? TimeProvider.System);
        try
        {
            await stack.StartAll(ports, cancel);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Held as long as a demo uses the folder; null when another one does.</summary>
    public static IDisposable? TryLock(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            return new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static void Clear(string folder)
    {
        foreach (var inside in new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(f => f.Name != LockName))
        {
            (inside as DirectoryInfo)?.Delete(recursive: true);
            (inside as FileInfo)?.Delete();
        }
    }

    /// <summary>A box that ends is started again, as the service of a real one would be.</summary>
    public async Task KeepRunning(CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancel);
            foreach (var school in DemoCity.Schools.Where(s => edges[s.Code].HasExited))
            {
                say($"Máy chủ {school.Name} đã dừng, đang khởi động lại / The box of {school.Name} has ended and is started again…");
                StopEdge(school.Code);
                await StartEdge(school.Code, cancel);
            }
        }
    }

    public async Task StartEdge(string school, CancellationToken cancel)
    {
        edges[school] = HostProcess.Start("EdgeNode", Path.Combine(folder, "logs", $"edge-{school}.log"), edgeSettings[school]);
        await WaitUntilHealthy(edges[school], EdgeUrls[school], cancel);
    }

    /// <summary>Ends a box with a farewell: its files may be read, or opened by another process.</summary>
    public void StopEdge(string school)
    {
        edges[school].Dispose();
        edges.Remove(school);
    }

    public void KillEdge(string school)
    {
        edges[school].Kill();
        edges[school].Dispose();
    }

    public async Task StartCentral(CancellationToken cancel)
    {
        central?.Dispose();
        central = HostProcess.Start("Central", Path.Combine(folder, "logs", "central.log"), centralSettings);
        await WaitUntilHealthy(central, CentralUrl, cancel);
    }

    public void KillCentral() => central!.Kill();

    public bool HasCentralExited => central!.HasExited;

    public async Task<EdgeClient> SignIn(string school, string userName, CancellationToken cancel)
    {
        var person = new EdgeClient(EdgeUrls[school], Authority, clock);
        try
        {
            await person.SignIn(userName, SignIns.Single(s => s.SchoolCode == school && s.UserName == userName).Password, cancel);
            return person;
        }
        catch
        {
            person.Dispose();
            throw;
        }
    }

    /// <summary>Ends the boxes with a farewell, so that their files may be read.</summary>
    public void StopHosts()
    {
        foreach (var edge in edges.Values)
        {
            edge.Dispose();
        }
        edges.Clear();
        central?.Dispose();
        central = null;
    }

    public ValueTask DisposeAsync()
    {
        StopHosts();
        meeting?.Dispose();
        meeting = null;
        Line.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task StartAll(DemoPorts ports, CancellationToken cancel)
    {
        DepartmentCa.LoadOrCreate(Path.Combine(CentralData, "ca"), new() { DataDir = CentralData }, TimeProvider.System).Dispose();
        SignIns = await DemoSeed.Ensure(CentralData, Path.Combine(folder, "sign-ins.json"), say, cancel);
        say("Khởi động Central / Starting Central…");
        await StartCentral(cancel);
        meeting = HostProcess.Start("Meeting", Path.Combine(folder, "logs", "meeting.log"), new Dictionary<string, string>(more)
        {
            ["Kestrel:Endpoints:Web:Url"] = MeetingUrl.ToString(),
            ["Kestrel:Certificates:Default:Path"] = Path.Combine(CentralData, "ca", "central.pem"),
            ["Kestrel:Certificates:Default:KeyPath"] = Path.Combine(CentralData, "ca", "central.key"),
        });
        await WaitUntilHealthy(meeting, MeetingUrl, cancel);
        foreach (var school in DemoCity.Schools.Where(s => EdgeUrls.ContainsKey(s.Code)))
        {
            await Enrol(school, ports, cancel);
            say($"Khởi động máy chủ trường / Starting the box of {school.Name}…");
            await StartEdge(school.Code, cancel);
        }
    }

    private async Task WaitUntilHealthy(HostProcess host, Uri url, CancellationToken cancel)
    {
        using var client = EdgeClient.Create(Authority, clock: clock);
        await host.WaitUntilHealthy(client, url, cancel);
    }

    private async Task Enrol(DemoCity.School school, DemoPorts ports, CancellationToken cancel)
    {
        var identity = Path.Combine(EdgeData(school.Code), "identity");
        edgeSettings[school.Code] = new Dictionary<string, string>(more)
        {
            ["Edge:DataDir"] = Path.Combine(EdgeData(school.Code), "data"),
            ["Edge:IdentityDir"] = identity,
            ["Edge:CentralPages"] = CentralUrl.ToString(),
            ["Edge:Bind"] = "127.0.0.1",
            ["Edge:LanPort"] = Number(EdgeUrls[school.Code].Port),
            ["Edge:Central"] = $"https://127.0.0.1:{Line.Port}",
            ["Edge:Enrolment"] = $"https://127.0.0.1:{ports.CentralEnrolment}",
        };
        if (!File.Exists(Path.Combine(identity, "identity.json")))
        {
            say($"Ghi danh máy chủ trường / Enrolling the box of {school.Name}…");
            await DemoEnrolment.Run(school.Code, CentralData, edgeSettings[school.Code], Path.Combine(folder, "logs", $"join-{school.Code}.log"), cancel);
        }
    }

    private static Uri Url(int port) => new($"https://localhost:{port}");

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}

public sealed record DemoPorts(int CentralWeb, int CentralDevices, int CentralEnrolment, int Meeting, IReadOnlyList<int> Edges)
{
    /// <summary>The same addresses at every start, as long as nobody else listens there.</summary>
    public static DemoPorts Usual()
    {
        int Port(int usual) => HostProcess.IsFree(usual) ? usual : HostProcess.FreePort();
        return new(Port(8443), Port(8444), Port(8446), Port(8445), [Port(8451), Port(8452), Port(8453)]);
    }

    /// <param name="boxes">Of the first schools only.</param>
    public static DemoPorts Free(int boxes = 3)
    {
        int Port() => HostProcess.FreePort();
        return new(Port(), Port(), Port(), Port(), [.. Enumerable.Range(0, boxes).Select(_ => Port())]);
    }
}
