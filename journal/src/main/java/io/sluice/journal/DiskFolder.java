package io.sluice.journal;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder on a real file system.
 *
 * <p>The lock is a POSIX record lock, which belongs to the process and vanishes when the process closes <em>any</em> descriptor of the file. A
 * second open within one JVM must therefore be refused before it touches the lock file, or its own clean-up would free the first one's lock;
 * {@link #OPEN_HERE} is for that.
 */
final class DiskFolder implements JournalFolder {

    private static final String LOCK = "lock";

    @GuardedBy("OPEN_HERE")
    private static final Set<Path> OPEN_HERE = new HashSet<>();

    private final Path path;
    private @Nullable FileChannel lockChannel;

    DiskFolder(Path directory) throws IOException {
        Files.createDirectories(directory);
        this.path = directory.toRealPath();
    }

    @Override
    public String location() {
        return path.toString();
    }

    @Override
    public void lock() throws IOException {
        synchronized (OPEN_HERE) {
            if (!OPEN_HERE.add(path)) {
                throw locked("this process");
            }
            boolean locked = false;
            FileChannel channel = null;
            try {
                channel = FileChannel.open(path.resolve(LOCK), CREATE, WRITE);
                locked = channel.tryLock() != null;
                if (!locked) {
                    throw locked("another process");
                }
                lockChannel = channel;
            } finally {
                if (!locked) {
                    OPEN_HERE.remove(path);
                    if (channel != null) {
                        channel.close();
                    }
                }
            }
        }
    }

    private JournalException locked(String holder) {
        return new JournalException(JournalException.Kind.LOCKED, path + " is in use by " + holder);
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(Files::isRegularFile)
                    .map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public JournalFile create(String name) throws IOException {
        return open(name, CREATE, TRUNCATE_EXISTING, READ, WRITE);
    }

    @Override
    public JournalFile openForAppend(String name) throws IOException {
        return open(name, READ, WRITE);
    }

    @Override
    public JournalFile openForRead(String name) throws IOException {
        return open(name, READ);
    }

    private JournalFile open(String name, OpenOption... options) throws IOException {
        return new DiskFile(FileChannel.open(path.resolve(name), options));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(
                path.resolve(from),
                path.resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(path.resolve(name));
    }

    @Override
    public void force() throws IOException {
        try (FileChannel folder = FileChannel.open(path, READ)) {
            folder.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (OPEN_HERE) {
            if (lockChannel != null) {
                FileChannel channel = lockChannel;
                lockChannel = null;
                OPEN_HERE.remove(path);
                channel.close();
            }
        }
    }

    private record DiskFile(FileChannel channel) implements JournalFile {

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            return channel.write(source, position);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return channel.read(target, position);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            channel.force(metadata);
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
