package transcribe

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lydhor/transcribe/whisper"
)

// A Published model can be downloaded by name. Its SHA256 is pinned.
type Published struct {
	Model
	Path string // below the address that models come from
	Size int64  // bytes
	For  string // what it is good for, in a line
}

// ModelsURL is the address that Published.Path is below.
const ModelsURL = "https://huggingface.co"

// Edda is the model to use for Danish.
const Edda = "edda-v0.2"

// Find gives the model of that name or path: one of Registry as it lies in folder dir, or
// any ggml file. An empty name is the demo model.
func Find(name, dir string) (Model, error) {
	if name == "" || name == Demo.Name {
		return Demo, nil
	}
	for _, p := range Registry() {
		if p.Name == name {
			return p.in(dir), nil
		}
	}
	for _, file := range []string{name, filepath.Join(dir, name)} {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return FileModel(file), nil
		}
	}
	return Model{}, fmt.Errorf("no model %q: there is no such file, and `lydhor models list` does not name it", name)
}

// filename is what the model is called in the models folder.
func (p Published) filename() string { return "ggml-" + p.Name + ".bin" }

// in is the model as it lies in folder dir.
func (p Published) in(dir string) Model {
	p.File = filepath.Join(dir, p.filename())
	return p.Model
}

// Registry lists the published models: the one for Danish, then OpenAI's as whisper.cpp
// converts them, smallest first.
func Registry() []Published {
	list := []Published{{
		// Edda v0.2 of Danish Foundation Models (Apache-2.0): large-v3-turbo trained on 2,600 h
		// of Danish. It never learned timestamp tokens and leaves sentences out of long pieces. Text
		// context is for a vocabulary: a piece has one window, and none before it.
		Model: Model{Name: Edda, SHA256: "9bdfd79be6fad58b0a6f273526fe7e3fdc856bea7b31c19d032c8352d0bf0197",
			TextContext: -1, NoTimestamps: true, MaxPiece: 30 * time.Second, Threads: 4, Heads: openAIHeads("large-v3-turbo")},
		Path: "tec-7/edda-v0.2-ggml/resolve/main/ggml-" + Edda + "-q5_0.bin",
		Size: 574041195,
		For:  "Danish talk: about 16 % of words wrong in conversation",
	}}
	for _, c := range conversions {
		size, _, _ := strings.Cut(c.name, "-q")
		list = append(list, Published{
			Model: Model{Name: c.name, SHA256: c.sha256, TextContext: -1, Languages: true, MaxPiece: 10 * time.Minute, Threads: 4, Heads: openAIHeads(size)},
			Path:  "ggerganov/whisper.cpp/resolve/main/ggml-" + c.name + ".bin",
			Size:  c.size,
			For:   openAIFor(size),
		})
	}
	return list
}

// openAIFor says what to expect of a size in Danish conversation (Open Danish ASR leaderboard, CoRal-v3).
func openAIFor(size string) string {
	switch size {
	case "tiny", "base", "small":
		return "trying out: not for Danish, which it invents"
	case "large-v3":
		return "many languages: about 41 % of words wrong in Danish conversation"
	case "large-v3-turbo":
		return "many languages, fast: about 54 % of words wrong in Danish conversation"
	}
	return "many languages"
}

// openAIHeads are the heads of OpenAI's models that follow the sound, as layer and head
// (openai/whisper, __init__.py, _ALIGNMENT_HEADS).
func openAIHeads(size string) []whisper.Head {
	switch size {
	case "tiny":
		return heads([2]int{2, 2}, [2]int{3, 0}, [2]int{3, 2}, [2]int{3, 3}, [2]int{3, 4}, [2]int{3, 5})
	case "base":
		return heads([2]int{3, 1}, [2]int{4, 2}, [2]int{4, 3}, [2]int{4, 7}, [2]int{5, 1}, [2]int{5, 2}, [2]int{5, 4}, [2]int{5, 6})
	case "small":
		return heads([2]int{5, 3}, [2]int{5, 9}, [2]int{8, 0}, [2]int{8, 4}, [2]int{8, 7}, [2]int{8, 8}, [2]int{9, 0}, [2]int{9, 7}, [2]int{9, 9}, [2]int{10, 5})
	case "medium":
		return heads([2]int{13, 15}, [2]int{15, 4}, [2]int{15, 15}, [2]int{16, 1}, [2]int{20, 0}, [2]int{23, 4})
	case "large-v1":
		return heads([2]int{9, 19}, [2]int{11, 2}, [2]int{11, 4}, [2]int{11, 17}, [2]int{22, 7}, [2]int{22, 11}, [2]int{22, 17}, [2]int{23, 2}, [2]int{23, 15})
	case "large-v2":
		return heads([2]int{10, 12}, [2]int{13, 17}, [2]int{16, 11}, [2]int{16, 12}, [2]int{16, 13}, [2]int{17, 15}, [2]int{17, 16}, [2]int{18, 4}, [2]int{18, 11}, [2]int{18, 19}, [2]int{19, 11}, [2]int{21, 2}, [2]int{21, 3}, [2]int{22, 3}, [2]int{22, 9}, [2]int{22, 12}, [2]int{23, 5}, [2]int{23, 7}, [2]int{23, 13}, [2]int{25, 5}, [2]int{26, 1}, [2]int{26, 12}, [2]int{27, 15})
	case "large-v3":
		return heads([2]int{7, 0}, [2]int{10, 17}, [2]int{12, 18}, [2]int{13, 12}, [2]int{16, 1}, [2]int{17, 14}, [2]int{19, 11}, [2]int{21, 4}, [2]int{24, 1}, [2]int{25, 6})
	case "large-v3-turbo":
		return heads([2]int{2, 4}, [2]int{2, 11}, [2]int{3, 3}, [2]int{3, 6}, [2]int{3, 11}, [2]int{3, 14})
	}
	return nil
}

// conversions are the multilingual files of whisper.cpp's models/download-ggml-model.sh, with
// size and SHA-256 as the hub that holds them reports them.
var conversions = []struct {
	name   string
	size   int64
	sha256 string
}{
	{"tiny", 77691713, "be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21"},
	{"tiny-q5_1", 32152673, "818710568da3ca15689e31a743197b520007872ff9576237bda97bd1b469c3d7"},
	{"tiny-q8_0", 43537433, "c2085835d3f50733e2ff6e4b41ae8a2b8d8110461e18821b09a15c40c42d1cca"},
	{"base", 147951465, "60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe"},
	{"base-q5_1", 59707625, "422f1ae452ade6f30a004d7e5c6a43195e4433bc370bf23fac9cc591f01a8898"},
	{"base-q8_0", 81768585, "c577b9a86e7e048a0b7eada054f4dd79a56bbfa911fbdacf900ac5b567cbb7d9"},
	{"small", 487601967, "1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b"},
	{"small-q5_1", 190085487, "ae85e4a935d7a567bd102fe55afc16bb595bdb618e11b2fc7591bc08120411bb"},
	{"small-q8_0", 264464607, "49c8fb02b65e6049d5fa6c04f81f53b867b5ec9540406812c643f177317f779f"},
	{"medium", 1533763059, "6c14d5adee5f86394037b4e4e8b59f1673b6cee10e3cf0b11bbdbee79c156208"},
	{"medium-q5_0", 539212467, "19fea4b380c3a618ec4723c3eef2eb785ffba0d0538cf43f8f235e7b3b34220f"},
	{"medium-q8_0", 823369779, "42a1ffcbe4167d224232443396968db4d02d4e8e87e213d3ee2e03095dea6502"},
	{"large-v1", 3094623691, "7d99f41a10525d0206bddadd86760181fa920438b6b33237e3118ff6c83bb53d"},
	{"large-v2", 3094623691, "9a423fe4d40c82774b6af34115b8b935f34152246eb19e80e376071d3f999487"},
	{"large-v2-q5_0", 1080732091, "3a214837221e4530dbc1fe8d734f302af393eb30bd0ed046042ebf4baf70f6f2"},
	{"large-v2-q8_0", 1656129691, "fef54e6d898246a65c8285bfa83bd1807e27fadf54d5d4e81754c47634737e8c"},
	{"large-v3", 3095033483, "64d182b440b98d5203c4f9bd541544d84c605196c4f7b845dfa11fb23594d1e2"},
	{"large-v3-q5_0", 1081140203, "d75795ecff3f83b5faa89d1900604ad8c780abd5739fae406de19f23ecd98ad1"},
	{"large-v3-turbo", 1624555275, "1fc70f774d38eb169993ac391eea357ef47c88757ef72ee5943879b7e8e2bc69"},
	{"large-v3-turbo-q5_0", 574041195, "394221709cd5ad1f40c46e6031ca61bce88931e6e088c188294c6d5a55ffa7e2"},
	{"large-v3-turbo-q8_0", 874188075, "317eb69c11673c9de1e1f0d459b253999804ec71ac4c23c17ecf5fbe24e259a1"},
}
