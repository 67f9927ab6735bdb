package io.foretell.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShapeTest {
    private static final long HUGE = 1L << 40;

    @Test
    void scalar_hasOneElementAndNoRows() {
        assertThat(Shape.of()).isEqualTo(Shape.scalar()).hasToString("[]");
        assertThat(Shape.scalar().elementCount()).isEqualTo(1);
        assertThat(Shape.scalar().rank()).isZero();
        assertThatThrownBy(() -> Shape.scalar().row()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void elementCount_beyondALong_isRefusedWithTheShape() {
        for (long[] dims :
                new long[][] {{HUGE, HUGE}, {Long.MAX_VALUE, 2}, {1L << 32, 1L << 31}, {3, HUGE, 1L << 22}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Shape.of(dims))
                    .withMessageContaining("exceeds")
                    .withMessageContaining(String.valueOf(dims[0]));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(HUGE).prepend(HUGE))
                .withMessageContaining("exceeds");
        assertThat(Shape.of(Long.MAX_VALUE, 1).elementCount()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void elementCount_ofRandomShapes_agreesWithExactArithmetic() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            long[] dims = random.longs(1 + random.nextInt(4), 0, 1L << random.nextInt(1, 40))
                    .toArray();
            BigInteger exact = BigInteger.ONE;
            for (long dim : dims) {
                exact = exact.multiply(BigInteger.valueOf(dim));
            }
            if (exact.bitLength() < 64) {
                assertThat(Shape.of(dims).elementCount()).isEqualTo(exact.longValueExact());
            } else {
                assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(dims));
            }
        }
    }

    @Test
    void emptyShape_withHugeOtherDimensions_hasNoElements() {
        assertThat(Shape.of(HUGE, 0, HUGE).elementCount()).isZero();
        assertThat(Shape.of(0, HUGE).row()).isEqualTo(Shape.of(HUGE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(0, HUGE, HUGE).row());
    }

    @Test
    void negativeDimension_isRefusedWithItsPlace() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(2, -1))
                .withMessage("dimension 1 < 0 in shape [2, -1]");
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(0, Long.MIN_VALUE));
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(2).prepend(-1));
    }

    @Test
    void dims_changedByTheCaller_leaveTheShapeAlone() {
        long[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 9;
        shape.dims()[1] = 9;

        assertThat(shape)
                .isEqualTo(Shape.of(2, 3))
                .hasSameHashCodeAs(Shape.of(2, 3))
                .hasToString("[2, 3]");
        assertThat(shape).isNotEqualTo(Shape.of(3, 2)).isNotEqualTo(Shape.of(6));
        assertThat(shape.prepend(4)).isEqualTo(Shape.of(4, 2, 3));
        assertThat(shape.row()).isEqualTo(Shape.of(3));
    }

    @Test
    void dim_outsideTheRank_isRefused() {
        assertThatThrownBy(() -> Shape.of(2).dim(1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("axis 1 of shape [2]");
        assertThatThrownBy(() -> Shape.of(2).dim(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
