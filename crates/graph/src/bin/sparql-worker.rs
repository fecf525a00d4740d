//! A worker alone, for tests and benchmarks; the program has it as a subcommand.

fn main() -> std::io::Result<()> {
    let dir = std::env::args_os().nth(1).unwrap_or_default();
    graph::worker::run(dir.as_ref(), std::io::stdin(), std::io::stdout())
}
