;; The parts of a training step that are one pass over memory, so that each value is read and written once.
;; Pointers are byte offsets, multiples of 16; counts are numbers of floats, multiples of 4 where nothing else is said.
;; Assembled into kernels-binary.ts by `npm run build:kernels`.
(module
  (import "env" "memory" (memory 1 65536))

  ;; AdamW or Adam, clipping and the moving average of the weights for one parameter, in PyTorch's order of operations.
  ;; scale: what gradients are multiplied by; gradientDecay: how much of the weight is added to them (Adam); keep: 1 - rate * weightDecay; rate: learning rate / correction1;
  ;; root: sqrt(correction2); decay: of the average.
  (func (export "adamW")
    (param $weight i32) (param $gradient i32) (param $first i32) (param $second i32) (param $average i32) (param $count i32)
    (param $scale f32) (param $gradientDecay f32) (param $beta1 f32) (param $beta2 f32) (param $keep f32) (param $rate f32) (param $root f32) (param $epsilon f32) (param $decay f32)
    (local $i i32) (local $end i32) (local $g v128) (local $m v128) (local $v v128) (local $w v128)
    (local $scales v128) (local $decays v128) (local $b1 v128) (local $c1 v128) (local $b2 v128) (local $c2 v128) (local $keeps v128)
    (local $rates v128) (local $roots v128) (local $epsilons v128) (local $d v128) (local $cd v128)
    (local.set $scales (f32x4.splat (local.get $scale)))
    (local.set $decays (f32x4.splat (local.get $gradientDecay)))
    (local.set $b1 (f32x4.splat (local.get $beta1)))
    (local.set $c1 (f32x4.splat (f32.sub (f32.const 1) (local.get $beta1))))
    (local.set $b2 (f32x4.splat (local.get $beta2)))
    (local.set $c2 (f32x4.splat (f32.sub (f32.const 1) (local.get $beta2))))
    (local.set $keeps (f32x4.splat (local.get $keep)))
    (local.set $rates (f32x4.splat (local.get $rate)))
    (local.set $roots (f32x4.splat (local.get $root)))
    (local.set $epsilons (f32x4.splat (local.get $epsilon)))
    (local.set $d (f32x4.splat (local.get $decay)))
    (local.set $cd (f32x4.splat (f32.sub (f32.const 1) (local.get $decay))))
    (local.set $end (i32.shl (local.get $count) (i32.const 2)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $end)))
        (local.set $w (v128.load (i32.add (local.get $weight) (local.get $i))))
        (local.set $g (f32x4.add
          (f32x4.mul (v128.load (i32.add (local.get $gradient) (local.get $i))) (local.get $scales))
          (f32x4.mul (local.get $w) (local.get $decays))))
        (local.set $m (f32x4.add
          (f32x4.mul (v128.load (i32.add (local.get $first) (local.get $i))) (local.get $b1))
          (f32x4.mul (local.get $g) (local.get $c1))))
        (v128.store (i32.add (local.get $first) (local.get $i)) (local.get $m))
        (local.set $v (f32x4.add
          (f32x4.mul (v128.load (i32.add (local.get $second) (local.get $i))) (local.get $b2))
          (f32x4.mul (f32x4.mul (local.get $g) (local.get $g)) (local.get $c2))))
        (v128.store (i32.add (local.get $second) (local.get $i)) (local.get $v))
        (local.set $w (f32x4.sub
          (f32x4.mul (local.get $w) (local.get $keeps))
          (f32x4.mul (local.get $rates) (f32x4.div (local.get $m)
            (f32x4.add (f32x4.div (f32x4.sqrt (local.get $v)) (local.get $roots)) (local.get $epsilons))))))
        (v128.store (i32.add (local.get $weight) (local.get $i)) (local.get $w))
        (v128.store (i32.add (local.get $average) (local.get $i)) (f32x4.add
          (f32x4.mul (v128.load (i32.add (local.get $average) (local.get $i))) (local.get $d))
          (f32x4.mul (local.get $w) (local.get $cd))))
        (local.set $i (i32.add (local.get $i) (i32.const 16)))
        (br $next))))

  ;; What adamW comes to where gradient and moments are zero, bit for bit, without reading them.
  (func (export "keepAndAverage") (param $weight i32) (param $average i32) (param $count i32) (param $keep f32) (param $decay f32)
    (local $i i32) (local $end i32) (local $w v128) (local $keeps v128) (local $d v128) (local $cd v128)
    (local.set $keeps (f32x4.splat (local.get $keep)))
    (local.set $d (f32x4.splat (local.get $decay)))
    (local.set $cd (f32x4.splat (f32.sub (f32.const 1) (local.get $decay))))
    (local.set $end (i32.shl (local.get $count) (i32.const 2)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $end)))
        (local.set $w (f32x4.mul (v128.load (i32.add (local.get $weight) (local.get $i))) (local.get $keeps)))
        (v128.store (i32.add (local.get $weight) (local.get $i)) (local.get $w))
        (v128.store (i32.add (local.get $average) (local.get $i)) (f32x4.add
          (f32x4.mul (v128.load (i32.add (local.get $average) (local.get $i))) (local.get $d))
          (f32x4.mul (local.get $w) (local.get $cd))))
        (local.set $i (i32.add (local.get $i) (i32.const 16)))
        (br $next))))

  ;; The sum of squares, in double precision; of any count. Four quarters side by side: memory gives several streams sooner than one.
  (func (export "sumSquares") (param $values i32) (param $count i32) (result f64)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $quarter i32) (local $end i32) (local $x v128) (local $y v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128) (local $rest f64) (local $one f64)
    (local.set $quarter (i32.shl (i32.and (i32.shr_u (local.get $count) (i32.const 2)) (i32.const -4)) (i32.const 2)))
    (local.set $a (local.get $values))
    (local.set $b (i32.add (local.get $a) (local.get $quarter)))
    (local.set $c (i32.add (local.get $b) (local.get $quarter)))
    (local.set $d (i32.add (local.get $c) (local.get $quarter)))
    (local.set $end (local.get $b))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $a) (local.get $end)))
        (local.set $x (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $a))))
        (local.set $y (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $a))))
        (local.set $s0 (f64x2.add (local.get $s0) (f64x2.add (f64x2.mul (local.get $x) (local.get $x)) (f64x2.mul (local.get $y) (local.get $y)))))
        (local.set $x (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $b))))
        (local.set $y (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $b))))
        (local.set $s1 (f64x2.add (local.get $s1) (f64x2.add (f64x2.mul (local.get $x) (local.get $x)) (f64x2.mul (local.get $y) (local.get $y)))))
        (local.set $x (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $c))))
        (local.set $y (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $c))))
        (local.set $s2 (f64x2.add (local.get $s2) (f64x2.add (f64x2.mul (local.get $x) (local.get $x)) (f64x2.mul (local.get $y) (local.get $y)))))
        (local.set $x (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $d))))
        (local.set $y (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $d))))
        (local.set $s3 (f64x2.add (local.get $s3) (f64x2.add (f64x2.mul (local.get $x) (local.get $x)) (f64x2.mul (local.get $y) (local.get $y)))))
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $b (i32.add (local.get $b) (i32.const 16)))
        (local.set $c (i32.add (local.get $c) (i32.const 16)))
        (local.set $d (i32.add (local.get $d) (i32.const 16)))
        (br $next)))
    (local.set $end (i32.add (local.get $values) (i32.shl (local.get $count) (i32.const 2))))
    (block $whole
      (loop $tail
        (br_if $whole (i32.ge_u (local.get $d) (local.get $end)))
        (local.set $one (f64.promote_f32 (f32.load (local.get $d))))
        (local.set $rest (f64.add (local.get $rest) (f64.mul (local.get $one) (local.get $one))))
        (local.set $d (i32.add (local.get $d) (i32.const 4)))
        (br $tail)))
    (local.set $s0 (f64x2.add (f64x2.add (local.get $s0) (local.get $s1)) (f64x2.add (local.get $s2) (local.get $s3))))
    (f64.add (local.get $rest) (f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0)))))

  ;; target *= scale
  (func (export "scale") (param $target i32) (param $count i32) (param $scale f32)
    (local $end i32) (local $scales v128)
    (local.set $scales (f32x4.splat (local.get $scale)))
    (local.set $end (i32.add (local.get $target) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $target) (local.get $end)))
        (v128.store (local.get $target) (f32x4.mul (v128.load (local.get $target)) (local.get $scales)))
        (local.set $target (i32.add (local.get $target) (i32.const 16)))
        (br $next))))

  ;; Row i of values, times scale, added to row ids[i] of target, one after another. Rows are `width` floats, any number; ids are i32.
  (func (export "addRows") (param $target i32) (param $values i32) (param $ids i32) (param $rows i32) (param $width i32) (param $scale f32)
    (local $row i32) (local $last i32) (local $end i32) (local $bytes i32) (local $scales v128)
    (local.set $scales (f32x4.splat (local.get $scale)))
    (local.set $bytes (i32.shl (local.get $width) (i32.const 2)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $row (i32.add (local.get $target) (i32.mul (i32.load (local.get $ids)) (local.get $bytes))))
        (local.set $last (i32.add (local.get $values) (local.get $bytes)))
        (local.set $end (i32.add (local.get $values) (i32.and (local.get $bytes) (i32.const -16))))
        (block $fours
          (loop $four
            (br_if $fours (i32.ge_u (local.get $values) (local.get $end)))
            (v128.store align=4 (local.get $row) (f32x4.add
              (v128.load align=4 (local.get $row))
              (f32x4.mul (v128.load align=4 (local.get $values)) (local.get $scales))))
            (local.set $row (i32.add (local.get $row) (i32.const 16)))
            (local.set $values (i32.add (local.get $values) (i32.const 16)))
            (br $four)))
        (block $ones
          (loop $one
            (br_if $ones (i32.ge_u (local.get $values) (local.get $last)))
            (f32.store (local.get $row) (f32.add (f32.load (local.get $row)) (f32.mul (f32.load (local.get $values)) (local.get $scale))))
            (local.set $row (i32.add (local.get $row) (i32.const 4)))
            (local.set $values (i32.add (local.get $values) (i32.const 4)))
            (br $one)))
        (local.set $ids (i32.add (local.get $ids) (i32.const 4)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next))))

  ;; target += values * scale
  (func (export "addScaled") (param $target i32) (param $values i32) (param $count i32) (param $scale f32)
    (local $i i32) (local $end i32) (local $scales v128)
    (local.set $scales (f32x4.splat (local.get $scale)))
    (local.set $end (i32.shl (local.get $count) (i32.const 2)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $end)))
        (v128.store (i32.add (local.get $target) (local.get $i)) (f32x4.add
          (v128.load (i32.add (local.get $target) (local.get $i)))
          (f32x4.mul (v128.load (i32.add (local.get $values) (local.get $i))) (local.get $scales))))
        (local.set $i (i32.add (local.get $i) (i32.const 16)))
        (br $next))))

  ;; Bernoulli mask: element n is `keep` where hash(key, first + n) >= threshold, else 0. The hash is murmur3's finaliser over a Weyl sequence.
  (func (export "dropoutMask") (param $target i32) (param $count i32) (param $key i32) (param $threshold i32) (param $keep f32)
    (local $end i32) (local $counter v128) (local $x v128) (local $keys v128) (local $thresholds v128) (local $keeps v128)
    (local.set $counter (v128.const i32x4 0 1 2 3))
    (local.set $keys (i32x4.splat (local.get $key)))
    (local.set $thresholds (i32x4.splat (local.get $threshold)))
    (local.set $keeps (f32x4.splat (local.get $keep)))
    (local.set $end (i32.add (local.get $target) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $target) (local.get $end)))
        (local.set $x (i32x4.add (i32x4.mul (local.get $counter) (i32x4.splat (i32.const 0x9e3779b9))) (local.get $keys)))
        (local.set $x (i32x4.mul (v128.xor (local.get $x) (i32x4.shr_u (local.get $x) (i32.const 16))) (i32x4.splat (i32.const 0x85ebca6b))))
        (local.set $x (i32x4.mul (v128.xor (local.get $x) (i32x4.shr_u (local.get $x) (i32.const 13))) (i32x4.splat (i32.const 0xc2b2ae35))))
        (local.set $x (v128.xor (local.get $x) (i32x4.shr_u (local.get $x) (i32.const 16))))
        (v128.store (local.get $target) (v128.and (i32x4.ge_u (local.get $x) (local.get $thresholds)) (local.get $keeps)))
        (local.set $counter (i32x4.add (local.get $counter) (i32x4.splat (i32.const 4))))
        (local.set $target (i32.add (local.get $target) (i32.const 16)))
        (br $next)))))
