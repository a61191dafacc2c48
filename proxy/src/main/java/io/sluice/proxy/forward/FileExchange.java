package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultFileRegion;
import io.sluice.proxy.files.FileConditions;
import io.sluice.proxy.files.MediaTypes;
import io.sluice.proxy.files.OpenFile;
import io.sluice.proxy.files.PublicFolder;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.route.FileSettings;
import io.sluice.proxy.route.Route;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request for a file. A worker opens the file; then either the kernel moves it to the client, or a worker reads it piece by piece as fast as the
 * client takes it, one piece at a time.
 */
final class FileExchange extends OwnExchange implements RequestReceiver {
    private static final int PIECE = 64 * 1024;

    private final FileSettings settings;

    private @Nullable OpenFile file;
    private @Nullable DefaultFileRegion region;
    private int status;
    private boolean closing;
    private boolean reading;
    private long at;
    private long left;
    private long sent;

    FileExchange(Forwarder loop, RequestHead head, Downstream downstream, Route route, FileSettings settings) {
        super(loop, head, downstream, route);
        this.settings = settings;
    }

    /** @param path relative to the folder */
    void start(PublicFolder folder, String path) {
        loop().track(this);
        loop().onWorker(() -> {
            PublicFolder.Found found = folder.open(path);
            loop().onLoop(() -> found(found));
        });
    }

    private void found(PublicFolder.Found found) {
        PublicFolder.Opened opened = found instanceof PublicFolder.Opened one ? one : null;
        if (isOver()) {
            if (opened != null) {
                opened.file().close();
            }
        } else if (opened != null) {
            file = opened.file();
            respond(opened.file());
        } else {
            loop().untrack(this);
            if (found instanceof PublicFolder.IsFolder) {
                redirectToFolder();
            } else {
                refuse(Failure.NO_FILE, null, "");
            }
        }
    }

    private void redirectToFolder() {
        int query = head().target().indexOf('?');
        String location =
                head().path() + "/" + (query < 0 ? "" : head().target().substring(query));
        Downstream to = downstream();
        to.beginDatedResponse(301);
        to.addField(HeaderNames.LOCATION, location);
        to.addField(HeaderNames.REQUEST_ID, requestId());
        to.addField(HeaderNames.CONTENT_LENGTH, "0");
        boolean closesNow = to.endHead(true, closes());
        to.endResponse(null);
        to.flush();
        finish(301, null, 0, closesNow);
    }

    private void respond(OpenFile opened) {
        FileConditions.Part part = conditions().choose(opened);
        status = part.status();
        at = part.from();
        left = head().isHead() ? 0 : part.length();
        Downstream to = downstream();
        to.beginDatedResponse(status);
        to.addField(HeaderNames.REQUEST_ID, requestId());
        if (status != 412 && status != 416) {
            describe(opened);
        }
        if (status == 206) {
            String range = "bytes " + at + "-" + (at + part.length() - 1) + "/" + opened.size();
            to.addField(HeaderNames.CONTENT_RANGE, range);
        } else if (status == 416) {
            to.addField(HeaderNames.CONTENT_RANGE, "bytes */" + opened.size());
        }
        if (status != 304) {
            to.addField(HeaderNames.CONTENT_LENGTH, String.valueOf(part.length()));
        }
        closing = to.endHead(true, closes());
        send(opened);
    }

    private void describe(OpenFile opened) {
        Downstream to = downstream();
        to.addField(HeaderNames.ETAG, opened.etag());
        to.addField(HeaderNames.LAST_MODIFIED, opened.lastModified());
        addIfGiven(HeaderNames.CACHE_CONTROL, settings.cacheControl());
        addIfGiven(HeaderNames.EXPIRES, settings.expires());
        if (status != 304) {
            to.addField(HeaderNames.CONTENT_TYPE, MediaTypes.of(opened.name()));
            to.addField(HeaderNames.ACCEPT_RANGES, "bytes");
        }
    }

    private void addIfGiven(byte[] name, @Nullable String value) {
        if (value != null) {
            downstream().addField(name, value);
        }
    }

    private FileConditions conditions() {
        return new FileConditions(
                all("if-match"),
                all("if-unmodified-since"),
                all("if-none-match"),
                all("if-modified-since"),
                all("if-range"),
                all("range"));
    }

    private @Nullable String all(String name) {
        Fields fields = head().fields();
        String joined = null;
        for (int i = 0; i < fields.count(); i++) {
            if (fields.nameIs(i, name)) {
                joined = joined == null ? fields.value(i) : joined + ", " + fields.value(i);
            }
        }
        return joined;
    }

    private void send(OpenFile opened) {
        deadline = loop().deadlineIn(route().idleNanos());
        if (left == 0) {
            complete();
            return;
        }
        DefaultFileRegion whole = new DefaultFileRegion(opened.channel(), at, left);
        if (downstream().trySendFile(whole)) {
            // Closes the file when it is done with it.
            file = null;
            region = whole;
            downstream().flush();
        } else {
            readPiece();
        }
    }

    /** One at a time: the file is closed only while no worker reads it. */
    private void readPiece() {
        reading = true;
        OpenFile from = Objects.requireNonNull(file);
        long position = at;
        int wanted = (int) Math.min(PIECE, left);
        ByteBuf piece = loop().allocator().buffer(wanted);
        loop().onWorker(() -> {
            int read = read(from, position, piece, wanted);
            loop().onLoop(() -> pieceRead(piece, read));
        });
    }

    private static int read(OpenFile from, long position, ByteBuf into, int wanted) {
        try {
            return into.writeBytes(from.channel(), position, wanted);
        } catch (IOException unreadable) {
            return -1;
        }
    }

    private void pieceRead(ByteBuf piece, int read) {
        reading = false;
        if (isOver() || read <= 0) {
            piece.release();
            if (isOver()) {
                closeFile();
            } else {
                // The file became shorter; the client must be able to tell.
                cut(Failure.INTERNAL_ERROR);
            }
            return;
        }
        at += read;
        left -= read;
        sent += read;
        deadline = loop().deadlineIn(route().idleNanos());
        downstream().sendPart(piece);
        if (left == 0) {
            complete();
            return;
        }
        downstream().flush();
        // Flushing may have ended it all.
        if (!isOver() && !reading && downstream().isWritable()) {
            readPiece();
        }
    }

    private void complete() {
        loop().untrack(this);
        closeFile();
        downstream().endResponse(null);
        downstream().flush();
        finish(status, null, sent, closing);
    }

    private void cut(Failure kind) {
        loop().untrack(this);
        closeFile();
        downstream().abort();
        finish(status, kind, sent, true);
    }

    private void closeFile() {
        OpenFile open = file;
        if (open != null && !reading) {
            file = null;
            open.close();
        }
    }

    @Override
    public void writable() {
        DefaultFileRegion moved = region;
        if (isOver()) {
            return;
        }
        if (moved != null) {
            if (moved.transferred() == moved.count()) {
                sent = moved.count();
                complete();
            }
        } else if (file != null && !reading && left > 0 && downstream().isWritable()) {
            readPiece();
        }
    }

    @Override
    void onDeadline(long now) {
        DefaultFileRegion moved = region;
        if (moved != null && moved.transferred() > sent) {
            sent = moved.transferred();
            deadline = loop().deadlineIn(route().idleNanos());
        } else if (!reading) {
            noteClientStalled();
            cut(Failure.CLIENT_GONE);
        }
    }

    @Override
    public void clientGone() {
        if (!isOver()) {
            loop().untrack(this);
            closeFile();
            finish(Failure.CLIENT_GONE.status(), Failure.CLIENT_GONE, sent, true);
        }
    }

    /** The connection ends with this exchange, so that whatever is left of a body does not matter. */
    @Override
    public void bodyReceived(ByteBuf part) {
        part.release();
    }

    @Override
    public void bodyEnded(@Nullable Fields trailers) {}

    @Override
    public void readComplete() {}

    @Override
    public void bodyMalformed() {}

    @Override
    public void bodyTooSlow() {}
}
