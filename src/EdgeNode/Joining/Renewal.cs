using System.Security.Cryptography.X509Certificates;
using TdmEdu.Sync;

namespace TdmEdu.EdgeNode.Joining;

/// <summary>Fetches new certificates for the box's keys at half of their life, and whenever it was off for longer than all of it.</summary>
internal sealed partial class Renewal(BoxIdentity box, string identityDir, Uri enrolment, TimeProvider clock, ILogger<Renewal> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan LookEveryWhenLate = TimeSpan.FromMinutes(1);
    private readonly EnrolmentLink link = new(enrolment, (leaf, between) => CentralTrust.Leads(box.Roots, leaf, between, clock.GetUtcNow()));

    /// <summary>Why Central did not renew; null when it did, or was not asked or not reached.</summary>
    public Error? Refused { get; private set; }

    /// <summary>Also for a box that joined before there were seals.</summary>
    public bool IsDue => clock.GetUtcNow() >= HalfOf(box.NodeCertificate) || box.Seals.WhyNot(box.School) is not null;

    public async Task<Error?> Renew(CancellationToken cancel)
    {
        var request = BoxIdentity.Renewal(identityDir);
        var renewed = await link.Call((client, options) => client.RenewAsync(request, options), cancel);
        if (!renewed.Ok)
        {
            LogRefused(renewed.Error.Reason);
            return renewed.Error;
        }
        box.Take(renewed.Value.Certificates);
        LogRenewed(box.NodeCertificate.NotAfter);
        return null;
    }

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        while (true)
        {
            var failed = IsDue ? await Renew(stop) : null;
            Refused = failed?.Reason == EnrolmentLink.ReasonNoLine ? Refused : failed;
            await Task.Delay(failed?.Reason == EnrolmentLink.ReasonNoLine ? LookEveryWhenLate : LookEvery, clock, stop);
        }
    }

    private static DateTimeOffset HalfOf(X509Certificate2 certificate) =>
        certificate.NotBefore + ((certificate.NotAfter - certificate.NotBefore) / 2);

    [LoggerMessage(Level = LogLevel.Information, Message = "The certificates were renewed until {Until}.")]
    private partial void LogRenewed(DateTime until);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificates were not renewed: {Reason}.")]
    private partial void LogRefused(string reason);
}
