using System.Text;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Judging;

/// <summary>One thing that a user wanted recorded, and what the user was told. Its data is like no other's.</summary>
internal sealed class Wish(int machine, Guid node, Draft draft)
{
    public int Machine => machine;

    public Guid Node => node;

    public Draft Draft => draft;

    public string Text { get; } = Encoding.UTF8.GetString(draft.Data.Span);

    public Lane Lane { get; init; }

    /// <summary>Must take effect together with this one.</summary>
    public Wish? Peer { get; set; }

    public bool Answered { get; set; }

    /// <summary>Refused for its content, or for what it was decided with.</summary>
    public bool Declined { get; set; }

    /// <summary>In the world's time.</summary>
    public long AnsweredAtMs { get; set; }

    /// <summary>The machine's disk has lost it through a fault that no software can undo.</summary>
    public bool DiskLost { get; set; }

    /// <summary>Whether Central held it then, and how often Central had been restored.</summary>
    public (bool Held, int Restores) AtLoss { get; set; }
}
