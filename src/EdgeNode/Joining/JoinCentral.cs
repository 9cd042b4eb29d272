using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Google.Protobuf;
using TdmEdu.Contracts.Enrolment.V1;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Joining;

/// <summary>
/// How a box without an identity gets one: it sends its keys with a code, shows four words, and waits until a person of the department
/// has found the same words on his screen. What it waits for is kept on disk, so that a power cut costs no new code.
/// </summary>
internal sealed class JoinCentral
{
    /// <summary>What the wait ends with when nothing is asked for any more.</summary>
    public static readonly Error GivenUp = Error.Conflict("join_given_up", "Máy không còn xin ghi danh. Hãy bắt đầu lại nếu cần.");

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private readonly Lock gate = new();
    private readonly string directory;
    private readonly TimeProvider clock;
    private readonly EnrolmentLink link;
    private readonly Scope? school;
    private X509Certificate2? shown;
    private X509Certificate2Collection shownWith = [];
    private Pending? pending;

    /// <param name="directory">Where the identity is put.</param>
    /// <param name="enrolment">Central's door for newcomers.</param>
    /// <param name="clock">The box's.</param>
    /// <param name="school">Whose data the box has already: it joins no other school.</param>
    public JoinCentral(string directory, Uri enrolment, TimeProvider clock, Scope? school = null)
    {
        (this.directory, this.clock, this.school) = (directory, clock, school);
        link = new(enrolment, Trusts);
        if (File.Exists(PendingFile))
        {
            pending = JsonSerializer.Deserialize<Pending>(File.ReadAllBytes(PendingFile), Json.Options);
        }
    }

    /// <summary>Null when nothing is asked for.</summary>
    public string? Words => pending?.Words;

    private string PendingFile => Path.Combine(directory, "joining.json");

    /// <summary>The words to be compared.</summary>
    public async Task<Result<string>> Ask(string code, IReadOnlyList<string> lanHosts, CancellationToken cancel)
    {
        if (JoinCode.Hash(code) is null)
        {
            return Error.Invalid("join_code_typed", "Mã ghi danh bị gõ sai: đủ 24 chữ và số, chia thành 6 nhóm. Hãy xem lại từng nhóm.");
        }
        var keys = BoxIdentity.Keys(directory);
        var nonce = RandomNumberGenerator.GetBytes(FourWords.NonceBytes);
        var request = new JoinRequest { Code = code, Keys = keys, LanHosts = { lanHosts }, Commitment = ByteString.CopyFrom(SHA256.HashData(nonce)) };
        if (school is { } own)
        {
            request.School = ByteString.CopyFrom(RecordId.ToBytes(own.Owner));
        }
        var joined = await link.Call((client, options) => client.JoinAsync(request, options), cancel);
        if (!joined.Ok)
        {
            return joined.Error;
        }
        var authority = joined.Value.Authority.ToByteArray();
        if (!IsCentralOf(authority))
        {
            return Error.Denied("authority_foreign", "Máy trả lời không phải là của Phòng Giáo dục. Hãy kiểm tra địa chỉ và mạng, rồi gọi bộ phận CNTT của Phòng.");
        }
        var words = FourWords.Of(keys.Node.ToByteArray(), keys.Lan.ToByteArray(), authority, joined.Value.Nonce.ToByteArray(), nonce);
        var asked = new Pending(joined.Value.Ticket.ToByteArray(), nonce, authority, words);
        SecretFile.Write(PendingFile, JsonSerializer.Serialize(asked, Json.Options));
        pending = asked;
        return words;
    }

    /// <summary>Null when the department has said yes, and the identity is on disk.</summary>
    public async Task<Error?> WaitForDecision(CancellationToken cancel)
    {
        while (pending is { } asked)
        {
            var request = new CollectRequest { Ticket = ByteString.CopyFrom(asked.Ticket), Nonce = ByteString.CopyFrom(asked.Nonce) };
            var collected = await link.Call((client, options) => client.CollectAsync(request, options), cancel);
            if (pending != asked)
            {
                continue;
            }
            if (collected is { Ok: true, Value.State: EnrolmentState.Approved } && Fits(collected.Value.Certificates))
            {
                if (school is { } own && own.Owner != RecordId.FromBytes(collected.Value.School.Span))
                {
                    Forget();
                    return Error.Denied(
                        "join_other_school",
                        "Mã ghi danh này là của trường khác, nên máy không dùng. Hãy báo Phòng thu hồi máy vừa nhận, xin mã của trường mình rồi ghi danh lại.");
                }
                lock (gate)
                {
                    if (pending != asked)
                    {
                        continue;
                    }
                    BoxIdentity.Save(
                        directory, RecordId.FromBytes(collected.Value.Node.Span), RecordId.FromBytes(collected.Value.School.Span), collected.Value.Certificates);
                    File.Delete(PendingFile);
                    return null;
                }
            }
            if (collected is { Ok: true, Value.State: not EnrolmentState.Waiting } or { Ok: false, Error.Reason: "enrolment_unknown" })
            {
                Forget();
                return collected.Ok
                    ? Error.Denied("join_refused", "Phòng Giáo dục đã từ chối, hoặc đã quá ba ngày. Hãy gọi bộ phận CNTT của Phòng, xin mã mới và ghi danh lại.")
                    : collected.Error;
            }
            await Task.Delay(LookEvery, clock, cancel);
        }
        return GivenUp;
    }

    /// <summary>Asks no more, as if nothing had been asked for; too late once the department's yes is on disk.</summary>
    public void GiveUp()
    {
        lock (gate)
        {
            if (pending is not null && !BoxIdentity.IsIn(directory))
            {
                Forget();
            }
        }
    }

    private void Forget()
    {
        pending = null;
        File.Delete(PendingFile);
        BoxIdentity.ForgetKeys(directory);
    }

    /// <summary>Before there is a root to trust, anybody is talked to: the words tell whether it was Central.</summary>
    private bool Trusts(X509Certificate2 leaf, X509Certificate2Collection between)
    {
        (shown, shownWith) = (new(leaf), [.. between]);
        return pending is null || IsCentralOf(pending.Authority);
    }

    private bool IsCentralOf(byte[] authority)
    {
        try
        {
            var now = clock.GetUtcNow();
            using var root = X509CertificateLoader.LoadCertificate(authority);
            // The box's clock may be dead, and the words say more than the date.
            return shown is not null && CentralTrust.Leads([root], shown, shownWith, now < shown.NotBefore ? shown.NotBefore : now);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private bool Fits(Certificates certificates)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(certificates.Node.Span);
        return BoxKey.Pin(certificate.PublicKey) == BoxKey.Pin(BoxKey.Of(BoxIdentity.Keys(directory).Node.ToByteArray())!);
    }

    private sealed record Pending(byte[] Ticket, byte[] Nonce, byte[] Authority, string Words);
}
