using System.Text;
using TdmEdu.Simulation.Centres;
using TdmEdu.Sync.Central;

namespace TdmEdu.Simulation.Judging;

/// <summary>The texts of all operations that Central has committed, kept beside it.</summary>
internal sealed class CentralLog
{
    private readonly HashSet<string> applied = [];
    private readonly HashSet<string> held = [];

    public IReadOnlySet<string> Applied => applied;

    /// <summary>Refused operations included.</summary>
    public IReadOnlySet<string> Held => held;

    public void Add(CentralTransaction transaction) => Add(transaction.NewOps, transaction.NewRefused);

    /// <summary>Another history from now on.</summary>
    public void Read(CentralData data)
    {
        applied.Clear();
        held.Clear();
        Add(data.Ops.Values.SelectMany(o => o), data.Refused);
    }

    private void Add(IEnumerable<StoredOp> ops, IEnumerable<RefusedOp> refused)
    {
        foreach (var op in ops)
        {
            var text = Encoding.UTF8.GetString(op.Data);
            applied.Add(text);
            held.Add(text);
        }
        held.UnionWith(refused.Select(o => Encoding.UTF8.GetString(o.Data)));
    }
}
