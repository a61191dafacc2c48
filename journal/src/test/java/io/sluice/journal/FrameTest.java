package io.sluice.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class FrameTest {

    private static final long ID = 0x0123456789abcdefL;
    private static final byte[] PAYLOAD = "hello".getBytes(UTF_8);

    @Test
    void theFormatOnDiskStaysAsItIs() {
        assertThat(HexFormat.of().formatHex(encode(ID)))
                .isEqualTo("5346" + "01" + "03" + "01234567" + "00000005" + "9fc31e69" + "0000000000000007"
                        + "68656c6c6f");
        assertThat(HexFormat.of().formatHex(new SegmentHeader(7, ID).encode()))
                .isEqualTo(("534c554943454a31" + "0000000000000007" + "0123456789abcdef" + "00000000" + "3d3b8e4a")
                        .repeat(2));
    }

    @Test
    void aFrameOfAnotherSegmentIsRefusedEvenIfItsMarkerIsTheSame() {
        long sameMarker = ID ^ 1;
        byte[] bytes = encode(ID);
        assertThat(Frame.parse(bytes, 0, ID))
                .satisfies(frame -> assertThat(frame.matches(ID, bytes, 24)).isTrue());
        assertThat(Frame.parse(bytes, 0, sameMarker))
                .satisfies(frame ->
                        assertThat(frame.matches(sameMarker, bytes, 24)).isFalse());
        assertThat(Frame.parse(bytes, 0, ID ^ (1L << 40))).isNull();
    }

    private static byte[] encode(long id) {
        ByteBuffer frame = ByteBuffer.allocate(Frame.HEADER_BYTES + PAYLOAD.length);
        Frame.putHead(frame, id, Frame.RECORD, Frame.ALONE, 7, PAYLOAD);
        return frame.put(PAYLOAD).array();
    }
}
