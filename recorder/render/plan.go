package render

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"parley/recorder"
)

// The film's size, and how many people have a place in it.
const (
	width, height = 1280, 720
	rate          = 25
	places        = 9
	column        = 4 // people beside a shared screen
)

// plan is what ffmpeg is told, and the files it reads besides the recording's.
type plan struct {
	args  []string          // up to the outputs
	files map[string]string // by name, in the working directory
	ms    int64             // how long the film is
	video string            // labels of the graph's ends
	audio []string
}

// person is somebody who is seen or heard.
type person struct {
	name    string
	cameras []int // inputs
}

type input struct {
	recorder.File
	number int
}

// box is a place in the picture.
type box struct{ x, y, w, h int }

// newPlan lays a recording out.
func newPlan(m recorder.Manifest, source string, names bool) (*plan, error) {
	p := &plan{files: map[string]string{}, ms: m.DurationMS}
	var inputs []input
	people := map[string]*person{}
	var order []*person
	for _, who := range m.People {
		one := &person{name: caption(who.Name)}
		for _, f := range m.Files {
			if f.Participant != who.ID || f.DurationMS <= 0 {
				continue
			}
			if people[who.ID] == nil {
				people[who.ID] = one
				order = append(order, one)
			}
			if f.Source == recorder.Camera {
				one.cameras = append(one.cameras, len(inputs))
			}
			inputs = append(inputs, input{f, len(inputs)})
		}
	}
	if len(inputs) == 0 || p.ms <= 0 {
		return nil, ErrNothing
	}
	for _, in := range inputs {
		// Without the option ffmpeg builds all filters anew when a picture's size
		// changes, and their time begins at 0 again.
		if isPicture(in.Source) {
			p.args = append(p.args, "-reinit_filter", "0")
		}
		p.args = append(p.args, "-protocol_whitelist", "file", "-f", "matroska", "-i", "file:"+filepath.Join(source, in.Name))
	}
	p.files["chapters.txt"] = chapters(m)
	p.args = append(p.args, "-f", "ffmetadata", "-i", "chapters.txt",
		"-filter_complex_threads", "2", "-filter_complex", p.graph(order, inputs, names),
		"-map_metadata", strconv.Itoa(len(inputs)), "-map_chapters", strconv.Itoa(len(inputs)))
	return p, nil
}

func isPicture(s recorder.Source) bool { return s == recorder.Camera || s == recorder.Screen }

// graph is the filters: everybody on a grid, and over it, while a screen is
// shared, the screen with people beside it.
func (p *plan) graph(people []*person, inputs []input, names bool) string {
	var g strings.Builder
	var screens []input
	for _, in := range inputs {
		if in.Source == recorder.Screen {
			screens = append(screens, in)
		}
	}
	layers := 1
	if len(screens) > 0 {
		layers = 2
	}
	for _, in := range inputs {
		if in.Source == recorder.Camera {
			fmt.Fprintf(&g, "[%d:v]%s%s", in.number, onTime(in), fork("split", layers, fmt.Sprintf("c%d", in.number)))
		}
	}
	last := p.layer(&g, "g", people, inputs, grid(min(len(people), places)), 0, names)
	if len(screens) > 0 {
		side := p.layer(&g, "s", people, inputs, beside(min(len(people), column)), 1, names)
		for _, in := range screens {
			fmt.Fprintf(&g, "[%d:v]%s,%s[screen%d];", in.number, onTime(in), fit(box{w: width - 320, h: height}), in.number)
			fmt.Fprintf(&g, "[%s][screen%d]overlay=0:0:eof_action=pass:enable='%s'[s%d];", side, in.number, seen(in.File), in.number)
			side = fmt.Sprintf("s%d", in.number)
		}
		var shown []string
		for _, in := range screens {
			shown = append(shown, seen(in.File))
		}
		fmt.Fprintf(&g, "[%s][%s]overlay=0:0:enable='%s'[whole];", last, side, strings.Join(shown, "+"))
		last = "whole"
	}
	fmt.Fprintf(&g, "[%s]format=yuv420p[video]", last)
	p.video = "[video]"
	p.sound(&g, inputs)
	return g.String()
}

// layer puts people into boxes and returns the label of the result. fork says
// which copy of the cameras it takes.
func (p *plan) layer(g *strings.Builder, name string, people []*person, inputs []input, boxes []box, copy int, names bool) string {
	fmt.Fprintf(g, "color=c=0x14161a:s=%dx%d:r=%d:d=%s", width, height, rate, seconds(p.ms))
	for i, b := range boxes {
		fmt.Fprintf(g, ",drawbox=x=%d:y=%d:w=%d:h=%d:color=0x2a2e35:t=fill", b.x+2, b.y+2, b.w-4, b.h-4)
		if names {
			file := fmt.Sprintf("name%d.txt", i)
			p.files[file] = people[i].name
			fmt.Fprintf(g, ",drawtext=textfile=%s:expansion=none:fontcolor=0xd0d4da:fontsize=%d:x=%d+(%d-tw)/2:y=%d+(%d-th)/2", file, max(b.h/12, 16), b.x, b.w, b.y, b.h)
		}
	}
	fmt.Fprintf(g, "[%s0];", name)
	last, n := name+"0", 0
	put := func(filter, with string) {
		n++
		next := fmt.Sprintf("%s%d_", name, n)
		fmt.Fprintf(g, "[%s]%s%s[%s];", last, with, filter, next)
		last = next
	}
	for i, who := range people {
		if i >= len(boxes) {
			// A filter's end has to lead somewhere.
			for _, c := range who.cameras {
				fmt.Fprintf(g, "[c%d_%d]nullsink;", c, copy)
			}
			continue
		}
		b := boxes[i]
		for _, c := range who.cameras {
			fmt.Fprintf(g, "[c%d_%d]%s[%s_c%d];", c, copy, fit(b), name, c)
			put(fmt.Sprintf("overlay=%d:%d:eof_action=pass:enable='%s'", b.x, b.y, seen(inputs[c].File)), fmt.Sprintf("[%s_c%d]", name, c))
		}
		if names && len(who.cameras) > 0 {
			size := max(b.h/22, 14)
			put(fmt.Sprintf("drawtext=textfile=name%d.txt:expansion=none:fontcolor=white:fontsize=%d:box=1:boxcolor=black@0.55:boxborderw=%d:x=%d:y=%d-th:enable='%s'",
				i, size, size/3, b.x+size, b.y+b.h-size, anySeen(who, inputs)), "")
		}
	}
	return last
}

// sound mixes everybody. Each track is filled with silence where it has none.
func (p *plan) sound(g *strings.Builder, inputs []input) {
	var labels []string
	for _, in := range inputs {
		if isPicture(in.Source) {
			continue
		}
		fmt.Fprintf(g, ";[%d:a]asetpts=PTS+%s/TB,aresample=48000:async=1:first_pts=0,aformat=channel_layouts=stereo[a%d]", in.number, seconds(in.StartMS), in.number)
		labels = append(labels, fmt.Sprintf("[a%d]", in.number))
	}
	if len(labels) == 0 {
		return
	}
	fmt.Fprintf(g, ";%samix=inputs=%d:duration=longest:normalize=0,alimiter=limit=0.95:level=0,asplit=2[sound][only]", strings.Join(labels, ""), len(labels))
	p.audio = []string{"[sound]", "[only]"}
}

// onTime moves a picture to its place in the recording, at a constant rate.
func onTime(in input) string {
	return fmt.Sprintf("scale=%d:%d:force_original_aspect_ratio=decrease:force_divisible_by=2,pad=%d:%d:-1:-1:color=0x14161a,setsar=1,setpts=PTS+%s/TB,fps=%d",
		width, height, width, height, seconds(in.StartMS), rate)
}

func fit(b box) string {
	return fmt.Sprintf("scale=%d:%d:force_original_aspect_ratio=decrease:force_divisible_by=2,pad=%d:%d:-1:-1:color=0x14161a,setsar=1", b.w, b.h, b.w, b.h)
}

func fork(filter string, n int, label string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ",%s=%d", filter, n)
	for i := range n {
		fmt.Fprintf(&b, "[%s_%d]", label, i)
	}
	return b.String() + ";"
}

// grid places n people of 16:9.
func grid(n int) []box {
	across := 1
	for across*across < n {
		across++
	}
	down := (n + across - 1) / across
	w := width / across
	h := w * height / width
	var boxes []box
	for i := range n {
		inRow := min(across, n-i/across*across)
		boxes = append(boxes, box{(width-inRow*w)/2 + i%across*w, (height-down*h)/2 + i/across*h, w, h})
	}
	return boxes
}

// beside places n people in a column at the right of a screen.
func beside(n int) []box {
	const w, h = 320, 180
	var boxes []box
	for i := range n {
		boxes = append(boxes, box{width - w, (height-n*h)/2 + i*h, w, h})
	}
	return boxes
}

// seen is the expression that is above 0 while a file has a picture.
func seen(f recorder.File) string {
	dark := slices.Concat(f.Muted, slices.DeleteFunc(slices.Clone(f.Gaps), func(s recorder.Span) bool { return s.ToMS-s.FromMS < 2000 }))
	slices.SortFunc(dark, func(a, b recorder.Span) int { return cmp.Compare(a.FromMS, b.FromMS) })
	var parts []string
	from, end := f.StartMS, f.StartMS+f.DurationMS
	add := func(to int64) {
		if to > from {
			parts = append(parts, fmt.Sprintf("between(t,%s,%s)", seconds(from), seconds(to)))
		}
	}
	for _, d := range dark {
		add(min(d.FromMS, end))
		from = max(from, d.ToMS)
	}
	add(end)
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, "+")
}

func anySeen(who *person, inputs []input) string {
	var parts []string
	for _, c := range who.cameras {
		parts = append(parts, seen(inputs[c].File))
	}
	return strings.Join(parts, "+")
}

func seconds(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', 3, 64) }

// caption is a name as it is shown: one line, not too long.
func caption(name string) string {
	name = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, ""))), " ")
	if r := []rune(name); len(r) > 40 {
		name = string(r[:39]) + "…"
	}
	if name == "" {
		return "–" // drawtext refuses an empty file
	}
	return name
}

// chapters is the marks in ffmpeg's own format.
func chapters(m recorder.Manifest) string {
	var b strings.Builder
	b.WriteString(";FFMETADATA1\n")
	marks := slices.Clone(m.Chapters)
	slices.SortStableFunc(marks, func(x, y recorder.Chapter) int { return cmp.Compare(x.AtMS, y.AtMS) })
	if len(marks) > 0 && marks[0].AtMS > 0 {
		// MP4 has no time before its first chapter.
		marks = slices.Insert(marks, 0, recorder.Chapter{Label: "Start"})
	}
	for i, c := range marks {
		end := m.DurationMS
		if i+1 < len(marks) {
			end = marks[i+1].AtMS
		}
		title := c.Label
		if title == "" {
			title = fmt.Sprintf("Mark %d", i)
		}
		fmt.Fprintf(&b, "[CHAPTER]\nTIMEBASE=1/1000\nSTART=%d\nEND=%d\ntitle=%s\n", max(c.AtMS, 0), max(end, c.AtMS, 0), metadata.Replace(strings.ToValidUTF8(title, "?")))
	}
	return b.String()
}

var metadata = strings.NewReplacer(`\`, `\\`, "=", `\=`, ";", `\;`, "#", `\#`, "\n", " ", "\r", " ", "\x00", "")
