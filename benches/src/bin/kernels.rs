//! One kernel, a stated number of times: `kernels NAME OPERATIONS` prints the digest of its output.
//! `kernels --time NAME OPERATIONS` prints how many nanoseconds they took, `kernels --list` the names, `kernels --levels`
//! the instruction sets in use.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use mc_benches::inject::Injection;
use mc_benches::run::Run;
use mc_benches::{Failure, kernels};

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--list"] => kernels::all().for_each(|kernel| println!("{}", kernel.name)),
        ["--levels"] => println!("{}", kernels::levels()),
        ["--time", name, operations] => {
            let mut run = Run::new(operations.parse()?, Injection::asked_for()?);
            (kernels::named(name)?.measure)(&mut run)?;
            println!("{}", run.elapsed().as_nanos());
        }
        [name, operations] => {
            let mut run = Run::new(operations.parse()?, Injection::asked_for()?);
            println!("{}", (kernels::named(name)?.measure)(&mut run)?);
        }
        _ => return Err("usage: kernels --list | --levels | [--time] NAME OPERATIONS".into()),
    }
    Ok(())
}
