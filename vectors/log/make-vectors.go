// Makes the files in valid/ and refused/ with golang.org/x/mod/sumdb (v0.7.0), so that they do not come from the code
// they are held against. Run once, by hand: GO111MODULE=off GOPATH=/usr/share/gocode go run make-vectors.go
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type object = map[string]interface{}

var b64 = base64.StdEncoding.EncodeToString

func write(path, says string, cases []object) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	check(encoder.Encode(object{"says": says, "cases": cases}))
	check(os.WriteFile(path, out.Bytes(), 0o644))
	fmt.Println(path, len(cases), "cases")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// The tree: entry i is the decimal text of i.
type store []tlog.Hash

func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = s[x]
	}
	return out, nil
}

var hashes store

func entry(i int64) []byte      { return []byte(strconv.FormatInt(i, 10)) }
func leaf(i int64) tlog.Hash    { return tlog.RecordHash(entry(i)) }
func hash64(h tlog.Hash) string { return b64(h[:]) }
func root(size int64) tlog.Hash {
	if size == 0 {
		return tlog.Hash(sha256.Sum256(nil))
	}
	h, err := tlog.TreeHash(size, hashes)
	check(err)
	return h
}
func proof64(p []tlog.Hash) []string {
	out := []string{}
	for _, h := range p {
		out = append(out, hash64(h))
	}
	return out
}
func copied(p []tlog.Hash) []tlog.Hash { return append([]tlog.Hash{}, p...) }

// path is Go's without the height, which tlog-tiles fixes at 8.
func path(t tlog.Tile) string {
	return strings.Replace(strings.Replace(t.Path(), "tile/8/", "tile/", 1), "tile/data/", "tile/entries/", 1)
}

func main() {
	for i := int64(0); i < 131073; i++ {
		more, err := tlog.StoredHashes(i, entry(i), hashes)
		check(err)
		hashes = append(hashes, more...)
	}
	roots()
	tiles()
	inclusion()
	consistency()
	texts()
}

var sizes = []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 65535, 65536, 65537, 65792, 70000, 131071, 131072, 131073}

func roots() {
	cases := []object{{"name": "empty", "size": 0, "root": hash64(root(0))}}
	for _, size := range sizes {
		cases = append(cases, object{"name": fmt.Sprint("size-", size), "size": size, "root": hash64(root(size))})
	}
	write("valid/roots.json", "The root of the tree of so many entries; entry i is the decimal text of i.", cases)
}

func tiles() {
	cases := []object{}
	for _, step := range [][2]int64{{0, 1}, {0, 255}, {0, 256}, {0, 257}, {255, 257}, {256, 257}, {250, 300}, {300, 301}, {511, 513}, {512, 1025}, {65280, 65536}, {65535, 65536}, {65535, 65537}, {65536, 65537}, {65537, 70000}, {130816, 131073}} {
		list := []object{}
		widest := map[string]tlog.Tile{}
		order := []string{}
		for _, t := range tlog.NewTiles(8, step[0], step[1]) {
			// Go lists a partial tile again at its old width.
			if int64(t.W) == step[0]>>uint(8*t.L)-t.N<<8 {
				continue
			}
			key := fmt.Sprint(t.L, "/", t.N)
			if old, ok := widest[key]; !ok {
				order = append(order, key)
				widest[key] = t
			} else if t.W > old.W {
				widest[key] = t
			}
		}
		for _, key := range order {
			data, err := tlog.ReadTileData(widest[key], hashes)
			check(err)
			sum := sha256.Sum256(data)
			list = append(list, object{"path": path(widest[key]), "sha256": hex.EncodeToString(sum[:])})
		}
		cases = append(cases, object{"name": fmt.Sprintf("from-%d-to-%d", step[0], step[1]), "from": step[0], "to": step[1], "tiles": list})
	}
	write("valid/growth.json", "The tiles that are new, or wider, when the tree of roots.json grows, with the SHA-256 of their bytes.", cases)

	paths := []object{}
	for _, t := range []tlog.Tile{{L: 0, N: 0, W: 256}, {L: 0, N: 0, W: 1}, {L: 0, N: 0, W: 255}, {L: 0, N: 999, W: 256}, {L: 0, N: 1000, W: 256}, {L: 0, N: 1234067, W: 256}, {L: 0, N: 1234067, W: 5}, {L: 1, N: 1234, W: 5}, {L: 2, N: 1000000, W: 17}, {L: 5, N: 30, W: 256}, {L: 6, N: 0, W: 31}, {L: -1, N: 67, W: 256}, {L: -1, N: 1234567, W: 9}, {L: 0, N: 35184372088830, W: 256}} {
		t.H = 8
		var level interface{} = t.L
		if t.L == -1 {
			level = "entries"
		}
		paths = append(paths, object{"name": fmt.Sprintf("level-%v-index-%d-width-%d", level, t.N, t.W), "level": level, "index": t.N, "width": t.W, "path": path(t)})
	}
	write("valid/tile-paths.json", "An address and its path.", paths)

	refused := []object{}
	for _, c := range [][2]string{
		{"leading-slash", "/tile/0/000"}, {"trailing-slash", "tile/0/000/"}, {"trailing-newline", "tile/0/000\n"}, {"upper-case", "TILE/0/000"},
		{"level-with-leading-zero", "tile/00/000"}, {"level-negative", "tile/-1/000"}, {"level-of-no-tree", "tile/7/000"}, {"level-64", "tile/64/000"}, {"level-word", "tile/data/000"},
		{"group-of-two-digits", "tile/0/00"}, {"group-of-four-digits", "tile/0/0000"}, {"group-without-x", "tile/0/001/234"}, {"last-group-with-x", "tile/0/x001/x234"}, {"zero-group-in-front", "tile/0/x000/001"},
		{"index-of-no-tree", "tile/0/x035/x184/x372/x088/832"}, {"upper-level-of-no-tree", "tile/5/031"}, {"index-huge", "tile/0/x999/x999/x999/x999/x999/999"},
		{"width-0", "tile/0/000.p/0"}, {"width-256", "tile/0/000.p/256"}, {"width-257", "tile/0/000.p/257"}, {"width-with-leading-zero", "tile/0/000.p/05"}, {"width-empty", "tile/0/000.p/"}, {"width-signed", "tile/0/000.p/+5"},
		{"height-given", "tile/8/0/000"}, {"dots", "tile/0/../0/000"}, {"encoded-digit", "tile/0/%300"}, {"fullwidth-digit", "tile/0/００0"}, {"query", "tile/0/000?x"}, {"empty", ""},
	} {
		refused = append(refused, object{"name": c[0], "path": c[1]})
	}
	write("refused/tile-paths.json", "Paths that name no tile, or name one in a second way.", refused)
}

func inclusion() {
	valid, refused := []object{}, []object{}
	fault := 0
	for _, size := range []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 33, 64, 127, 255, 256, 257, 513, 1024, 65535, 65537, 70000, 131073} {
		seen := map[int64]bool{}
		for _, index := range []int64{0, size / 3, size / 2, size - 2, size - 1} {
			if index < 0 || seen[index] {
				continue
			}
			seen[index] = true
			p, err := tlog.ProveRecord(size, index, hashes)
			check(err)
			th, name := root(size), fmt.Sprintf("size-%d-index-%d", size, index)
			valid = append(valid, object{"name": name, "leaf": hash64(leaf(index)), "index": index, "size": size, "root": hash64(th), "proof": proof64(p)})

			q, i, n, l, r, why := copied(p), index, size, leaf(index), th, ""
			for why == "" {
				switch fault++; fault % 11 {
				case 0:
					l, why = leaf(index+1), "leaf-of-another-entry"
				case 1:
					l[31] ^= 1
					why = "leaf-altered"
				case 2:
					r[0] ^= 0x80
					why = "root-altered"
				case 3:
					q, why = append(q, leaf(0)), "proof-with-one-hash-more"
				case 4:
					if len(q) > 0 {
						q, why = q[:len(q)-1], "proof-without-its-last-hash"
					}
				case 5:
					if len(q) > 0 {
						q, why = q[1:], "proof-without-its-first-hash"
					}
				case 6:
					if len(q) > 1 {
						q[0], q[1], why = q[1], q[0], "proof-in-another-order"
					}
				case 7:
					if len(q) > 0 {
						q[len(q)-1][5] ^= 4
						why = "proof-altered"
					}
				case 8:
					i, why = index+size, "index-beyond-the-tree"
				case 9:
					if size > 1 {
						i, why = (index+1)%size, "index-of-the-neighbour"
					}
				case 10:
					n, why = size*2+1, "size-of-a-larger-tree"
				}
			}
			if tlog.CheckRecord(tlog.RecordProof(q), n, r, i, l) == nil {
				panic(name + " " + why)
			}
			refused = append(refused, object{"name": name + "-" + why, "leaf": hash64(l), "index": i, "size": n, "root": hash64(r), "proof": proof64(q)})
		}
	}
	write("valid/inclusion.json", "Audit paths in the trees of roots.json.", valid)
	write("refused/inclusion.json", "One for each of valid/inclusion.json, named for its fault; Go refuses them too.", refused)
}

func consistency() {
	empty := hash64(root(0))
	valid := []object{
		{"name": "from-0-to-0", "fromSize": 0, "fromRoot": empty, "toSize": 0, "toRoot": empty, "proof": []string{}},
		{"name": "from-0-to-9", "fromSize": 0, "fromRoot": empty, "toSize": 9, "toRoot": hash64(root(9)), "proof": []string{}},
		{"name": "from-256-to-256", "fromSize": 256, "fromRoot": hash64(root(256)), "toSize": 256, "toRoot": hash64(root(256)), "proof": []string{}},
	}
	refused := []object{
		{"name": "from-0-to-0-root-of-another-tree", "fromSize": 0, "fromRoot": hash64(root(1)), "toSize": 0, "toRoot": hash64(root(1)), "proof": []string{}},
		{"name": "from-0-to-9-first-root-not-empty", "fromSize": 0, "fromRoot": hash64(root(1)), "toSize": 9, "toRoot": hash64(root(9)), "proof": []string{}},
		{"name": "from-0-to-9-proof-not-empty", "fromSize": 0, "fromRoot": empty, "toSize": 9, "toRoot": hash64(root(9)), "proof": []string{hash64(root(9))}},
		{"name": "from-256-to-256-roots-differ", "fromSize": 256, "fromRoot": hash64(root(256)), "toSize": 256, "toRoot": hash64(root(255)), "proof": []string{}},
		{"name": "from-256-to-256-proof-not-empty", "fromSize": 256, "fromRoot": hash64(root(256)), "toSize": 256, "toRoot": hash64(root(256)), "proof": []string{hash64(root(256))}},
		{"name": "from-9-to-8-shrunk", "fromSize": 9, "fromRoot": hash64(root(9)), "toSize": 8, "toRoot": hash64(root(8)), "proof": []string{hash64(leaf(8))}},
		{"name": "from-8-to-9-proof-empty", "fromSize": 8, "fromRoot": hash64(root(8)), "toSize": 9, "toRoot": hash64(root(9)), "proof": []string{}},
	}
	fault := 0
	for _, to := range []int64{2, 3, 4, 5, 7, 8, 9, 16, 17, 129, 256, 257, 512, 513, 65536, 65537, 70000, 131073} {
		seen := map[int64]bool{}
		for _, from := range []int64{1, 2, 4, to / 3, to / 2, 256, 65536, to - 1} {
			if from < 1 || from >= to || seen[from] {
				continue
			}
			seen[from] = true
			p, err := tlog.ProveTree(to, from, hashes)
			check(err)
			name := fmt.Sprintf("from-%d-to-%d", from, to)
			valid = append(valid, object{"name": name, "fromSize": from, "fromRoot": hash64(root(from)), "toSize": to, "toRoot": hash64(root(to)), "proof": proof64(p)})

			q, m, n, fr, tr, why := copied(p), from, to, root(from), root(to), ""
			for why == "" {
				switch fault++; fault % 9 {
				case 0:
					fr[3] ^= 1
					why = "first-root-altered"
				case 1:
					tr[3] ^= 1
					why = "second-root-altered"
				case 2:
					q, why = append(q, leaf(0)), "proof-with-one-hash-more"
				case 3:
					if len(q) > 1 {
						q, why = q[:len(q)-1], "proof-without-its-last-hash"
					}
				case 4:
					if from&(from-1) == 0 {
						// Some libraries want it there.
						q, why = append([]tlog.Hash{root(from)}, q...), "proof-begins-with-the-first-root"
					}
				case 5:
					if len(q) > 1 {
						q[0], q[1], why = q[1], q[0], "proof-in-another-order"
					}
				case 6:
					q[0][31] ^= 0x10
					why = "proof-altered"
				case 7:
					if from > 1 {
						m, why = from-1, "first-size-of-a-smaller-tree"
					}
				case 8:
					tr, why = fr, "second-root-is-the-first"
				}
			}
			if tlog.CheckTree(tlog.TreeProof(q), n, tr, m, fr) == nil {
				panic(name + " " + why)
			}
			refused = append(refused, object{"name": name + "-" + why, "fromSize": m, "fromRoot": hash64(fr), "toSize": n, "toRoot": hash64(tr), "proof": proof64(q)})
		}
	}
	write("valid/consistency.json", "That the trees of roots.json grew, first sizes that are powers of two among them.", valid)
	write("refused/consistency.json", "Proofs that show nothing, named for their fault; Go refuses those with a proof between different sizes too.", refused)
}

// Keys from seeds anyone can repeat: SHA-256 of the name.
type key struct {
	name    string
	private ed25519.PrivateKey
}

func newKey(name string) key {
	seed := sha256.Sum256([]byte(name))
	return key{name, ed25519.NewKeyFromSeed(seed[:])}
}
func (k key) public() []byte { return k.private.Public().(ed25519.PublicKey) }
func (k key) id(algorithm byte) []byte {
	sum := sha256.Sum256(append([]byte(k.name+"\n"+string([]byte{algorithm})), k.public()...))
	return sum[:4]
}
func (k key) vkey(algorithm byte) string {
	return k.name + "+" + hex.EncodeToString(k.id(algorithm)) + "+" + b64(append([]byte{algorithm}, k.public()...))
}
func (k key) line(algorithm byte, signature []byte) string {
	return "— " + k.name + " " + b64(append(append([]byte{}, k.id(algorithm)...), signature...)) + "\n"
}
func (k key) signed(body string) string { return k.line(1, ed25519.Sign(k.private, []byte(body))) }
func (k key) cosigned(body string, seconds uint64) string {
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, body)
	var time [8]byte
	binary.BigEndian.PutUint64(time[:], seconds)
	return k.line(4, append(time[:], ed25519.Sign(k.private, []byte(message))...))
}

func opened(text, vkey string) bool {
	verifier, err := note.NewVerifier(vkey)
	check(err)
	_, err = note.Open([]byte(text), note.VerifierList(verifier))
	return err == nil
}

func texts() {
	log, other := newKey("log.example/tlog"), newKey("other.example/tlog")
	w1, w2, w3 := newKey("w1.example"), newKey("w2.example"), newKey("w3.example")
	vkeys := []object{}
	for _, k := range []key{log, other, w1, w2, w3} {
		for _, algorithm := range []byte{1, 4} {
			vkeys = append(vkeys, object{"name": fmt.Sprintf("%s-algorithm-%d", k.name, algorithm), "vkey": k.vkey(algorithm), "keyName": k.name, "algorithm": algorithm, "publicKey": b64(k.public())})
		}
		theirs, err := note.NewEd25519VerifierKey(k.name, k.public())
		check(err)
		if theirs != k.vkey(1) {
			panic(theirs)
		}
	}
	write("valid/vkeys.json", "Verifier keys; the seed of each is the SHA-256 of its name.", vkeys)

	vkey := log.vkey(1)
	material := strings.SplitN(vkey, "+", 3)[2]
	addressed := strings.SplitN(vkey, "+", 3)
	for i := 0; !strings.ContainsAny(addressed[2], "+/"); i++ {
		addressed = strings.SplitN(newKey(fmt.Sprintf("k%d.example", i)).vkey(1), "+", 3)
	}
	addressed[2] = strings.NewReplacer("+", "-", "/", "_").Replace(addressed[2])
	shouted := strings.SplitN(vkey, "+", 3)
	for i := 0; !strings.ContainsAny(shouted[1], "abcdef"); i++ {
		shouted = strings.SplitN(newKey(fmt.Sprintf("k%d.example", i)).vkey(1), "+", 3)
	}
	shouted[1] = strings.ToUpper(shouted[1])
	withKind := func(kind byte, public []byte) string {
		m := append([]byte{kind}, public...)
		sum := sha256.Sum256(append([]byte(log.name+"\n"), m...))
		return log.name + "+" + hex.EncodeToString(sum[:4]) + "+" + b64(m)
	}
	renamed := func(name string) string { return key{name, log.private}.vkey(1) }
	cases := []object{}
	for _, c := range [][2]string{
		{"key-id-of-another-key", strings.Replace(vkey, hex.EncodeToString(log.id(1)), hex.EncodeToString(other.id(1)), 1)},
		{"key-id-in-upper-case", strings.Join(shouted, "+")},
		{"key-id-short", log.name + "+" + hex.EncodeToString(log.id(1))[1:] + "+" + material},
		{"key-id-missing", log.name + "+" + material}, {"name-empty", renamed("")}, {"name-with-space", renamed("log example")}, {"name-with-wide-space", renamed("log\u3000example")}, {"name-with-plus", renamed("log+example")},
		{"algorithm-2", withKind(2, log.public())}, {"algorithm-6", withKind(6, log.public())}, {"public-key-short", withKind(1, log.public()[:31])}, {"public-key-long", withKind(1, append(append([]byte{}, log.public()...), 0))},
		{"base64-padded", vkey + "="}, {"base64-with-newline", vkey + "\n"}, {"base64-for-addresses", strings.Join(addressed, "+")}, {"empty", ""},
	} {
		cases = append(cases, object{"name": c[0], "vkey": c[1]})
	}
	write("refused/vkeys.json", "Texts that are no verifier key.", cases)

	checkpoint := func(origin string, size int64) string {
		return fmt.Sprintf("%s\n%d\n%s\n", origin, size, hash64(root(size)))
	}
	body := checkpoint(log.name, 70000)
	full := body + "\n" + log.signed(body)
	signer, err := note.NewSigner("PRIVATE+KEY+" + log.name + "+" + hex.EncodeToString(log.id(1)) + "+" + b64(append([]byte{1}, log.private.Seed()...)))
	check(err)
	theirs, err := note.Sign(&note.Note{Text: body}, signer)
	check(err)
	if string(theirs) != full {
		panic("Go signs another note")
	}
	noteCase := func(name, text string) object {
		if !opened(text, vkey) {
			panic(name)
		}
		return object{"name": name, "vkey": vkey, "text": text}
	}
	signedNote := func(body string) string { return body + "\n" + log.signed(body) }
	many := full
	for i := 0; i < 99; i++ {
		many += key{fmt.Sprintf("k%d.example", i), other.private}.signed(body)
	}
	write("valid/notes.json", "Notes with a good signature of the key; Go opens them too.", []object{
		noteCase("checkpoint", full), noteCase("with-an-unknown-signature", full+other.signed(body)), noteCase("with-cosignatures", full+w1.cosigned(body, 1790000000)+w2.cosigned(body, 1790000003)),
		noteCase("unknown-key-of-the-same-name", full+key{log.name, other.private}.signed(body)), noteCase("empty-lines-in-the-body", signedNote("one\n\ntwo\n\n")), noteCase("body-of-a-newline", signedNote("\n")),
		noteCase("not-ascii", signedNote("Ognuno sta solo\n— 心\n")), noteCase("byte-order-mark", signedNote("\ufefflog\n")), noteCase("a-hundred-signatures", many),
	})

	sig := log.signed(body)
	encoded := strings.TrimSuffix(strings.SplitN(sig, " ", 3)[2], "\n")
	last := len(sig) - len("A=\n")
	flip := func(s string, at int, b byte) string { return s[:at] + string([]byte{b}) + s[at+1:] }
	stray := flip(sig, last, sig[last]+1)
	refused := []object{}
	for _, c := range [][2]string{
		{"empty", ""}, {"no-signature", body + "\n"}, {"no-empty-line", body + sig}, {"no-last-newline", strings.TrimSuffix(full, "\n")}, {"empty-line-at-the-end", full + "\n"}, {"carriage-returns", strings.ReplaceAll(full, "\n", "\r\n")},
		{"control-character", signedNote("log\u0007\n")}, {"hyphen-for-dash", strings.Replace(full, "— ", "- ", 1)}, {"two-spaces", strings.Replace(full, "— ", "—  ", 1)}, {"name-empty", body + "\n—  " + encoded + "\n"},
		{"name-with-plus", strings.Replace(full, "— log", "— log+", 1)}, {"name-with-wide-space", strings.Replace(full, "— log", "— log\u3000", 1)}, {"text-after-the-signature", strings.TrimSuffix(full, "\n") + " x\n"},
		{"base64-without-padding", strings.TrimRight(strings.TrimSuffix(full, "\n"), "=") + "\n"}, {"base64-with-stray-bits", body + "\n" + stray}, {"base64-of-addresses", body + "\n— log.example/tlog _-_-_-_-\n"},
		{"signature-of-four-bytes", body + "\n" + log.line(1, nil)}, {"line-that-is-no-signature", full + "hello\n"}, {"a-hundred-and-one-signatures", many + other.signed(body)},
	} {
		refused = append(refused, object{"name": c[0], "vkey": vkey, "text": c[1], "reason": "note-malformed"})
	}
	wrong := append([]byte{}, ed25519.Sign(log.private, []byte(body))...)
	wrong[40] ^= 1
	cosign := strings.SplitN(w1.cosigned(body, 1790000000), " ", 3)[2]
	for _, c := range [][2]string{
		{"signature-altered", body + "\n" + log.line(1, wrong)}, {"signature-short", body + "\n" + log.line(1, wrong[:63])}, {"signature-long", body + "\n" + log.line(1, append(ed25519.Sign(log.private, []byte(body)), 0))},
		{"body-altered", strings.Replace(full, "70000", "70001", 1)}, {"key-unknown", body + "\n" + other.signed(body)}, {"name-of-another", body + "\n" + strings.Replace(sig, log.name, other.name, 1)}, {"signature-of-another-body", body + "\n" + log.signed("x\n")},
		{"cosignature-alone", body + "\n— w1.example " + cosign}, {"one-good-one-wrong", full + log.line(1, wrong)},
	} {
		// Go takes the first signature of a key and looks at no other.
		if c[0] != "one-good-one-wrong" && opened(c[1], vkey) {
			panic(c[0])
		}
		refused = append(refused, object{"name": c[0], "vkey": vkey, "text": c[1], "reason": "signature-invalid"})
	}
	write("refused/notes.json", "Texts that are no note (note-malformed), or have no good signature of the key (signature-invalid).", refused)

	write("valid/checkpoints.json", "Bodies of checkpoints.", []object{
		{"name": "seventy-thousand", "body": body, "origin": log.name, "size": 70000, "root": hash64(root(70000)), "extensionLines": []string{}},
		{"name": "empty-tree", "body": checkpoint(log.name, 0), "origin": log.name, "size": 0, "root": hash64(root(0)), "extensionLines": []string{}},
		{"name": "largest-size", "body": log.name + "\n9007199254740991\n" + hash64(root(1)) + "\n", "origin": log.name, "size": 9007199254740991, "root": hash64(root(1)), "extensionLines": []string{}},
		{"name": "extension-lines", "body": body + "one\ntwo\n", "origin": log.name, "size": 70000, "root": hash64(root(70000)), "extensionLines": []string{"one", "two"}},
		{"name": "origin-with-a-space", "body": checkpoint("go.sum database tree", 1), "origin": "go.sum database tree", "size": 1, "root": hash64(root(1)), "extensionLines": []string{}},
		{"name": "origin-like-a-cosignature", "body": checkpoint("cosignature/v2", 1), "origin": "cosignature/v2", "size": 1, "root": hash64(root(1)), "extensionLines": []string{}},
	})
	r := hash64(root(70000))
	bodies := []object{}
	for _, c := range [][2]string{
		{"empty", ""}, {"origin-empty", "\n70000\n" + r + "\n"}, {"origin-is-the-header-of-a-cosignature", "cosignature/v1\n70000\n" + r + "\n"}, {"origin-of-256-bytes", strings.Repeat("o", 256) + "\n70000\n" + r + "\n"},
		{"cosigned-message", "cosignature/v1\ntime 1790000000\n" + body}, {"origin-with-a-tab", "log\texample\n70000\n" + r + "\n"},
		{"size-with-leading-zero", "log\n070000\n" + r + "\n"}, {"size-signed", "log\n+70000\n" + r + "\n"}, {"size-negative", "log\n-1\n" + r + "\n"}, {"size-hexadecimal", "log\n0x10\n" + r + "\n"}, {"size-with-exponent", "log\n7e4\n" + r + "\n"},
		{"size-two-to-the-53rd", "log\n9007199254740992\n" + r + "\n"}, {"size-of-twenty-digits", "log\n18446744073709551615\n" + r + "\n"}, {"size-with-space", "log\n70000 \n" + r + "\n"}, {"size-empty", "log\n\n" + r + "\n"}, {"size-fullwidth", "log\n７\n" + r + "\n"},
		{"root-missing", "log\n70000\n"}, {"root-short", "log\n70000\n" + b64(make([]byte, 31)) + "\n"}, {"root-long", "log\n70000\n" + b64(make([]byte, 33)) + "\n"}, {"root-without-padding", "log\n70000\n" + strings.TrimRight(r, "=") + "\n"}, {"root-with-stray-bits", "log\n70000\n" + flip(b64(make([]byte, 32)), 42, 'B') + "\n"}, {"root-of-another-tree-than-the-empty", "log\n0\n" + r + "\n"},
		{"no-last-newline", "log\n70000\n" + r}, {"carriage-returns", "log\r\n70000\r\n" + r + "\r\n"}, {"extension-line-empty", body + "\nx\n"}, {"empty-line-at-the-end", body + "\n"},
	} {
		bodies = append(bodies, object{"name": c[0], "body": c[1]})
	}
	write("refused/checkpoints.json", "Bodies that are no checkpoint.", bodies)

	witnessed := func(name, text string, quorum int, witnesses ...string) object {
		return object{"name": name, "note": text, "origin": log.name, "logKeys": []string{vkey}, "witnesses": witnesses, "quorum": quorum}
	}
	with := func(o object, k string, v interface{}) object { o[k] = v; return o }
	v1, v2, v3 := w1.vkey(4), w2.vkey(4), w3.vkey(4)
	c1, c2, c3 := w1.cosigned(body, 1790000007), w2.cosigned(body, 1790000003), w3.cosigned(body, 1790000005)
	extended := body + "extension\n"
	write("valid/witnessed.json", "Checkpoints that enough witnesses vouch for; witnessedAt is the time of the last member of the quorum.", []object{
		with(witnessed("two-of-three", full+c1+c2+c3, 2, v1, v2, v3), "witnessedAt", 1790000005),
		with(witnessed("three-of-three", full+c1+c2+c3, 3, v1, v2, v3), "witnessedAt", 1790000007),
		with(witnessed("one-of-three", full+c2, 1, v1, v2, v3), "witnessedAt", 1790000003),
		with(witnessed("none-asked-for", full, 0, v1), "witnessedAt", nil),
		with(witnessed("one-witness-twice", full+w1.cosigned(body, 1790000009)+c1, 1, v1), "witnessedAt", 1790000007),
		with(witnessed("unknown-lines", full+other.signed(body)+w2.line(4, make([]byte, 72))+c1, 1, v1, v3), "witnessedAt", 1790000007),
		with(witnessed("extension-line", signedNote(extended)+w1.cosigned(extended, 1790000001), 1, v1), "witnessedAt", 1790000001),
	})
	unsigned := func(b string) string { return b + "\n" }
	timeless := w1.line(4, append([]byte{0xff, 0, 0, 0, 0, 0, 0, 0}, ed25519.Sign(w1.private, []byte("cosignature/v1\ntime 18374686479671623680\n"+body))...))
	wrongTime := w1.line(4, append([]byte{0, 0, 0, 0, 0x6a, 0xb1, 0x3b, 0x81}, ed25519.Sign(w1.private, []byte("cosignature/v1\ntime 1790000007\n"+body))...))
	twin := key{"twin.example", w1.private}
	self := key{"self.example", log.private}
	foreign := checkpoint(other.name, 70000)
	write("refused/witnessed.json", "Checkpoints that prove nothing, each with its reason.", []object{
		with(witnessed("too-few", full+c1, 2, v1, v2, v3), "reason", "quorum-missing"),
		with(witnessed("one-witness-twice-is-one", full+c1+w1.cosigned(body, 1790000009), 2, v1, v2), "reason", "quorum-missing"),
		with(witnessed("one-witness-listed-twice-is-one", full+c1, 2, v1, v1), "reason", "quorum-missing"),
		with(witnessed("one-key-under-two-names-is-one", full+c1+twin.cosigned(body, 1790000007), 2, v1, twin.vkey(4)), "reason", "quorum-missing"),
		with(witnessed("log-is-its-own-witness", full+self.cosigned(body, 1790000007), 1, self.vkey(4)), "reason", "quorum-missing"),
		with(witnessed("witness-key-of-a-log", full+w1.signed(body), 1, w1.vkey(1)), "reason", "quorum-missing"),
		with(witnessed("quorum-larger-than-the-witnesses", full+c1, 3, v1), "reason", "quorum-missing"),
		with(witnessed("quorum-negative", full+c1, -1, v1), "reason", "policy-invalid"),
		with(witnessed("cosignature-over-another-body", full+w1.cosigned(checkpoint(log.name, 1), 1790000007), 1, v1), "reason", "cosignature-invalid"),
		with(witnessed("cosignature-with-another-time", full+wrongTime, 1, v1), "reason", "cosignature-invalid"),
		with(witnessed("cosignature-beyond-time", full+timeless, 1, v1), "reason", "cosignature-invalid"),
		with(witnessed("cosignature-of-time-0", full+w1.cosigned(body, 0), 1, v1), "reason", "cosignature-invalid"),
		with(witnessed("cosignature-without-a-time", full+w1.line(4, ed25519.Sign(w1.private, []byte(body))), 1, v1), "reason", "cosignature-invalid"),
		with(witnessed("one-good-cosignature-one-wrong", full+c1+wrongTime, 1, v1), "reason", "cosignature-invalid"),
		with(witnessed("log-signature-missing", unsigned(body)+c1, 1, v1), "reason", "log-signature-missing"),
		with(witnessed("log-cosigned-and-did-not-sign", unsigned(body)+log.cosigned(body, 1790000007)+c1, 1, v1), "reason", "log-signature-missing"),
		with(witnessed("log-signature-altered", unsigned(body)+log.line(1, wrong)+c1, 1, v1), "reason", "log-signature-invalid"),
		with(witnessed("origin-of-another-log", signedNote(foreign)+w1.cosigned(foreign, 1790000007), 1, v1), "reason", "origin-wrong"),
		with(witnessed("note-that-is-no-checkpoint", signedNote("hello\n"), 0), "reason", "checkpoint-malformed"),
		with(witnessed("no-note", body, 0), "reason", "note-malformed"),
	})
	proofs(full+c1, vkey, v1, log)
}

func proofs(full, vkey, v1 string, log key) {
	p, err := tlog.ProveRecord(70000, 4711, hashes)
	check(err)
	lines := strings.Join(proof64(p), "\n") + "\n"
	text := func(middle string) string { return "c2sp.org/tlog-proof@v1\n" + middle + "\n" + full }
	good := text("index 4711\n" + lines)
	o := func(name, text string) object {
		return object{"name": name, "text": text, "leaf": hash64(leaf(4711)), "origin": log.name, "logKeys": []string{vkey}, "witnesses": []string{v1}, "quorum": 1}
	}
	single := fmt.Sprintf("%s\n1\n%s\n", log.name, hash64(root(1)))
	one := object{"name": "tree-of-one", "text": "c2sp.org/tlog-proof@v1\nindex 0\n\n" + single + "\n" + log.signed(single), "leaf": hash64(leaf(0)), "origin": log.name, "logKeys": []string{vkey}, "witnesses": []string{}, "quorum": 0, "index": 0}
	plain, extra := o("without-extra", good), o("with-extra", text("extra "+b64([]byte("anything"))+"\nindex 4711\n"+lines))
	plain["index"], extra["index"], extra["extra"] = 4711, 4711, b64([]byte("anything"))
	write("valid/tlog-proofs.json", "Proofs that verify.", []object{plain, extra, one})
	cases := []object{}
	hash0 := strings.SplitN(lines, "\n", 2)[0]
	for _, c := range [][3]string{
		{"empty", "", "proof-malformed"}, {"header-of-another-version", strings.Replace(good, "@v1", "@v2", 1), "proof-malformed"}, {"header-missing", strings.SplitN(good, "\n", 2)[1], "proof-malformed"},
		{"index-missing", text(lines), "proof-malformed"}, {"index-with-leading-zero", text("index 04711\n" + lines), "proof-malformed"}, {"index-negative", text("index -1\n" + lines), "proof-malformed"}, {"index-too-large", text("index 9007199254740992\n" + lines), "proof-malformed"},
		{"extra-empty", text("extra \nindex 4711\n" + lines), "proof-malformed"}, {"extra-after-index", text("index 4711\nextra YQ==\n" + lines), "proof-malformed"}, {"extra-twice", text("extra YQ==\nextra YQ==\nindex 4711\n" + lines), "proof-malformed"}, {"extra-with-stray-bits", text("extra YR==\nindex 4711\n" + lines), "proof-malformed"},
		{"hash-short", text("index 4711\n" + b64(make([]byte, 31)) + "\n"), "proof-malformed"}, {"hashes-64", text("index 4711\n" + strings.Repeat(hash0+"\n", 64)), "proof-malformed"}, {"checkpoint-missing", "c2sp.org/tlog-proof@v1\nindex 4711\n" + lines + "\n", "proof-malformed"}, {"carriage-returns", strings.ReplaceAll(good, "\n", "\r\n"), "proof-malformed"},
		{"empty-line-in-the-proof", text("index 4711\n\n" + lines), "proof-malformed"}, {"index-of-another-entry", text("index 4712\n" + lines), "inclusion-invalid"}, {"index-beyond-the-tree", text("index 70000\n" + lines), "inclusion-invalid"}, {"hash-missing", text("index 4711\n" + strings.SplitN(lines, "\n", 2)[1]), "inclusion-invalid"}, {"hash-more", text("index 4711\n" + lines + hash0 + "\n"), "inclusion-invalid"},
	} {
		k := o(c[0], c[1])
		k["reason"] = c[2]
		cases = append(cases, k)
	}
	write("refused/tlog-proofs.json", "Proofs that do not verify, each with its reason.", cases)

	cp, err := tlog.ProveTree(70000, 256, hashes)
	check(err)
	proof := strings.Join(proof64(cp), "\n") + "\n"
	write("valid/add-checkpoints.json", "Bodies of add-checkpoint.", []object{
		{"name": "from-256", "body": "old 256\n" + proof + "\n" + full, "oldSize": 256, "proof": proof64(cp), "checkpoint": full},
		{"name": "from-0", "body": "old 0\n\n" + full, "oldSize": 0, "proof": []string{}, "checkpoint": full},
		{"name": "hashes-63", "body": "old 1\n" + strings.Repeat(hash0+"\n", 63) + "\n" + full, "oldSize": 1, "proof": strings.Split(strings.TrimSuffix(strings.Repeat(hash0+"\n", 63), "\n"), "\n"), "checkpoint": full},
	})
	bad := []object{}
	for _, c := range [][2]string{
		{"empty", ""}, {"old-missing", proof + "\n" + full}, {"old-with-leading-zero", "old 0256\n" + proof + "\n" + full}, {"old-negative", "old -1\n\n" + full}, {"old-two-to-the-53rd", "old 9007199254740992\n\n" + full}, {"old-with-two-spaces", "old  256\n" + proof + "\n" + full}, {"old-empty", "old \n\n" + full},
		{"hashes-64", "old 256\n" + strings.Repeat(hash0+"\n", 64) + "\n" + full}, {"hash-long", "old 256\n" + b64(make([]byte, 33)) + "\n\n" + full}, {"empty-line-missing", "old 256\n" + proof + full}, {"checkpoint-missing", "old 256\n" + proof + "\n"}, {"checkpoint-unsigned", "old 0\n\n" + strings.SplitN(full, "\n\n", 2)[0] + "\n"}, {"carriage-returns", strings.ReplaceAll("old 0\n\n"+full, "\n", "\r\n")},
	} {
		bad = append(bad, object{"name": c[0], "body": c[1]})
	}
	write("refused/add-checkpoints.json", "Bodies that no witness reads.", bad)
}
