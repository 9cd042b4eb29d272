using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;

namespace TdmEdu.Simulation.Boxes;

/// <summary>One transaction of a journal: whole or not there. <see cref="Rotten"/> once the disk has turned a bit of it.</summary>
internal sealed record Frame(
    IReadOnlyList<JournalLine> Lines, JournalState Next, bool NewEpoch, IReadOnlyList<Refusal> Refusals, bool Restates)
{
    public bool Rotten { get; init; }

    /// <summary>Was rotten, and was noticed.</summary>
    public bool Aside { get; init; }
}
