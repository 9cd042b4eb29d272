using TdmEdu.Central.Storage;

namespace TdmEdu.Central.Schools;

/// <summary>What a box sends with its code; the requests are as signed by its keys.</summary>
/// <param name="School">Whose data it has already; null for a new one.</param>
internal sealed record JoinAsk(string Code, byte[] NodeRequest, byte[] LanRequest, IReadOnlyList<string> LanHosts, byte[] Commitment, Guid? School = null);

internal sealed record JoinAnswer(byte[] Ticket, byte[] Authority, byte[] Nonce);

/// <summary>Certified is set when the decision is to approve.</summary>
internal sealed record Collected(EnrolmentDecision Decision, NodeRow? Node, Certified? Certified);
