namespace TdmEdu.Sync;

/// <summary>The outcome of a use case that may be refused. A refusal is a value; an exception is a bug or a broken machine.</summary>
public readonly struct Result<T>
{
    private readonly T? value;
    private readonly Error? error;

    private Result(T? value, Error? error) => (this.value, this.error) = (value, error);

    public bool Ok => error is null;

    public T Value => error is null ? value! : throw new InvalidOperationException($"No value: {error.Message.Vietnamese}");

    public Error Error => error ?? throw new InvalidOperationException("No error.");

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Error error) => new(default, error);

    public Result<TNext> Then<TNext>(Func<T, Result<TNext>> next) => Ok ? next(value!) : error!;

    public TOut Match<TOut>(Func<T, TOut> ok, Func<Error, TOut> refused) => Ok ? ok(value!) : refused(error!);
}
