//! Python's pickle format, read as data: the instructions that checkpoints are written in build lists,
//! dictionaries, texts and numbers; instructions to call something go to [`globals`].

use std::collections::HashMap;
use std::io::{self, Read};

use super::globals;
use super::object::{Id, Object, Objects, Storage};

/// Why a stream cannot be read.
#[derive(Debug)]
pub(super) enum PickleError {
    /// The stream ends or cannot be read.
    Read(io::Error),
    /// It is no pickle stream of the kind that PyTorch writes.
    Malformed(String),
    /// It names a function or class that is not known.
    Forbidden(String),
}

impl From<io::Error> for PickleError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// Reads one stream, up to its end mark.
pub(super) fn read(source: &mut impl Read) -> Result<(Objects, Id), PickleError> {
    let objects = Objects::default();
    let mut machine = Machine { source, objects, stack: Vec::new(), marks: Vec::new(), memo: HashMap::new() };
    loop {
        let code = machine.byte()?;
        if code == b'.' {
            let root = machine.pop()?;
            return Ok((machine.objects, root));
        }
        machine.step(code)?;
    }
}

struct Machine<'a, R> {
    source: &'a mut R,
    objects: Objects,
    stack: Vec<Id>,
    /// Heights of the stack to come back to.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

fn malformed<T>(what: &str) -> Result<T, PickleError> {
    Err(PickleError::Malformed(what.to_owned()))
}

impl<R: Read> Machine<'_, R> {
    fn step(&mut self, code: u8) -> Result<(), PickleError> {
        match code {
            // PROTO and FRAME say nothing of the content.
            0x80 => drop(self.array::<1>()?),
            0x95 => drop(self.array::<8>()?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.pop_to_mark()?),
            b'N' | 0x88 | 0x89 => self.push(Object::Other),
            b'G' => {
                self.array::<8>()?;
                self.push(Object::Other);
            }
            b'J' | b'K' | b'M' | 0x8a => {
                let value = self.integer(code)?;
                self.push(value);
            }
            b'X' | b'U' | b'T' | 0x8c | 0x8d | b'B' | b'C' | 0x8e | 0x96 => {
                let text = self.text(code)?;
                self.push(text);
            }
            b')' => self.push(Object::Tuple(Vec::new())),
            b']' => self.push(Object::List(Vec::new())),
            b'}' => self.push(Object::Dict(Vec::new())),
            b't' | b'l' => {
                let members = self.pop_to_mark()?;
                self.push(if code == b't' { Object::Tuple(members) } else { Object::List(members) });
            }
            0x85..=0x87 => {
                let members = self.pop_many(usize::from(code - 0x84))?;
                self.push(Object::Tuple(members));
            }
            // Sets: their members do not matter.
            0x8f => self.push(Object::Other),
            0x90 => drop(self.pop_to_mark()?),
            0x91 => {
                self.pop_to_mark()?;
                self.push(Object::Other);
            }
            b'a' => {
                let member = self.pop()?;
                self.append(&[member])?;
            }
            b'e' => {
                let members = self.pop_to_mark()?;
                self.append(&members)?;
            }
            b's' => {
                let entry = self.pop_many(2)?;
                self.set(&entry)?;
            }
            b'u' => {
                let entries = self.pop_to_mark()?;
                self.set(&entries)?;
            }
            b'h' | b'j' => self.recall(code)?,
            b'q' | b'r' | 0x94 => self.memorise(code)?,
            b'c' | 0x93 => self.global(code)?,
            b'R' | 0x81 => self.call(2)?,
            0x92 => self.call(3)?,
            // BUILD gives an object attributes: none matters.
            b'b' => drop(self.pop()?),
            b'Q' => self.persistent()?,
            other => return malformed(&format!("instruction 0x{other:02x} is none that PyTorch writes")),
        }
        Ok(())
    }

    fn push(&mut self, object: Object) {
        let id = self.objects.add(object);
        self.stack.push(id);
    }

    fn pop(&mut self) -> Result<Id, PickleError> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return malformed("an instruction takes more than there is");
        }
        self.stack.pop().map_or_else(|| malformed("the stack is empty"), Ok)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Id>, PickleError> {
        let mut members = (0..count).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        members.reverse();
        Ok(members)
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Id>, PickleError> {
        match self.marks.pop() {
            Some(mark) if mark <= self.stack.len() => Ok(self.stack.split_off(mark)),
            _ => malformed("a mark is missing"),
        }
    }

    fn top(&self) -> Result<Id, PickleError> {
        self.stack.last().copied().map_or_else(|| malformed("the stack is empty"), Ok)
    }

    /// Adds to the list on top; to anything else it adds nothing that matters.
    fn append(&mut self, members: &[Id]) -> Result<(), PickleError> {
        let top = self.top()?;
        if let Object::List(list) = self.objects.get_mut(top) {
            list.extend_from_slice(members);
        }
        Ok(())
    }

    /// Adds keys and values, in turn, to the dictionary on top.
    fn set(&mut self, entries: &[Id]) -> Result<(), PickleError> {
        let top = self.top()?;
        if let Object::Dict(dict) = self.objects.get_mut(top) {
            dict.extend(entries.chunks_exact(2).map(|entry| (entry[0], entry[1])));
        }
        Ok(())
    }

    fn recall(&mut self, code: u8) -> Result<(), PickleError> {
        let index = if code == b'h' { u32::from(self.byte()?) } else { u32::from_le_bytes(self.array()?) };
        match self.memo.get(&index) {
            Some(&id) => self.stack.push(id),
            None => return malformed("something is recalled that was not stored"),
        }
        Ok(())
    }

    fn memorise(&mut self, code: u8) -> Result<(), PickleError> {
        let index = match code {
            b'q' => u32::from(self.byte()?),
            b'r' => u32::from_le_bytes(self.array()?),
            _ => u32::try_from(self.memo.len()).unwrap_or(u32::MAX),
        };
        let top = self.top()?;
        self.memo.insert(index, top);
        Ok(())
    }

    fn global(&mut self, code: u8) -> Result<(), PickleError> {
        let (module, name) = if code == b'c' {
            (self.line()?, self.line()?)
        } else {
            let names = self.pop_many(2)?;
            match (self.objects.text(names[0]), self.objects.text(names[1])) {
                (Some(module), Some(name)) => (module.to_owned(), name.to_owned()),
                _ => return malformed("a function's name is no text"),
            }
        };
        let global = format!("{module}.{name}");
        if !globals::is_known(&module, &name) {
            return Err(PickleError::Forbidden(global));
        }
        self.push(Object::Global(global));
        Ok(())
    }

    /// A call with what is on the stack: function, tuple of arguments, and possibly named arguments.
    fn call(&mut self, operands: usize) -> Result<(), PickleError> {
        let operands = self.pop_many(operands)?;
        let result = match self.objects.get(operands[0]) {
            Object::Global(global) => {
                let (global, arguments) = (global.clone(), self.objects.members(operands[1]).map(<[Id]>::to_vec));
                let made = arguments.and_then(|arguments| globals::call(&mut self.objects, &global, &arguments));
                made.map_or_else(|| malformed(&format!("'{global}' has arguments that it does not take")), Ok)?
            }
            _ => Object::Other,
        };
        self.push(result);
        Ok(())
    }

    /// `("storage", type, key, device, number of elements)`, with a sixth member in old files, `None` unless
    /// the storage is part of another one.
    fn persistent(&mut self) -> Result<(), PickleError> {
        let id = self.pop()?;
        let objects = &self.objects;
        let storage = || {
            let members = objects.members(id)?;
            let &[tag, kind, key, _, len, ..] = members else { return None };
            let whole = members.get(5).is_none_or(|&view| *objects.get(view) == Object::Other);
            let Object::Global(kind) = objects.get(kind) else { return None };
            let kind = kind.rsplit('.').next().unwrap_or_default().to_owned();
            let key = match objects.get(key) {
                Object::Text(key) => key.clone(),
                Object::Integer(key) => key.to_string(),
                _ => return None,
            };
            let len = u64::try_from(objects.integer(len)?).ok()?;
            (objects.text(tag) == Some("storage") && whole).then_some(Storage { key, kind, len })
        };
        match storage() {
            Some(storage) => self.push(Object::Storage(storage)),
            None => return malformed("a reference to data outside the stream is none to a storage"),
        }
        Ok(())
    }

    fn integer(&mut self, code: u8) -> Result<Object, PickleError> {
        Ok(match code {
            b'J' => Object::Integer(i32::from_le_bytes(self.array()?).into()),
            b'K' => Object::Integer(self.byte()?.into()),
            b'M' => Object::Integer(u16::from_le_bytes(self.array()?).into()),
            _ => {
                let len = self.byte()?;
                let bytes = self.bytes(len.into())?;
                long(&bytes).map_or(Object::Other, Object::Integer)
            }
        })
    }

    fn text(&mut self, code: u8) -> Result<Object, PickleError> {
        let len = match code {
            0x8c | b'U' | b'C' => self.byte()?.into(),
            0x8d | 0x8e | 0x96 => u64::from_le_bytes(self.array()?),
            _ => u32::from_le_bytes(self.array()?).into(),
        };
        let bytes = self.bytes(len)?;
        // Bytes that are no text are none that is looked for.
        Ok(String::from_utf8(bytes).map_or(Object::Other, Object::Text))
    }

    fn line(&mut self) -> Result<String, PickleError> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => break,
                _ if line.len() > 1000 => return malformed("a name without end"),
                byte => line.push(byte),
            }
        }
        String::from_utf8(line).or_else(|_| malformed("a name is no text"))
    }

    fn byte(&mut self) -> Result<u8, PickleError> {
        Ok(self.array::<1>()?[0])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        let mut bytes = [0; N];
        self.source.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// So many bytes; memory is taken as they come, not as announced.
    fn bytes(&mut self, len: u64) -> Result<Vec<u8>, PickleError> {
        let mut bytes = Vec::new();
        self.source.by_ref().take(len).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == len { Ok(bytes) } else { Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()) }
    }
}

/// A little-endian integer of up to eight bytes; `None` if it is longer.
fn long(bytes: &[u8]) -> Option<i64> {
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut extended = [if negative { 0xff } else { 0 }; 8];
    extended.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i64::from_le_bytes(extended))
}
